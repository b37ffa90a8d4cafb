namespace AdminPortal.Domain.Reveals;

/// <summary>What has become of a <see cref="RevealRequest"/>. The names are stored.</summary>
public enum RevealRequestState
{
    /// <summary>Nobody has decided yet.</summary>
    Waiting,

    /// <summary>Somebody else agreed, and it was not used yet.</summary>
    Approved,

    /// <summary>Somebody else said no.</summary>
    Refused,

    /// <summary>The person has seen the token.</summary>
    Used,
}
