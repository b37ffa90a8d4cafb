using AdminPortal.Domain.ApiTokens;

namespace AdminPortal.Provisioning.ApiTokens;

/// <summary>An API token as the list shows it: without its value, which nobody has but whoever made it.</summary>
public sealed record ApiTokenLine(
    Guid Id, Guid PersonId, string PersonName, string Name, IReadOnlyList<ApiScope> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, ApiTokenState State)
{
    /// <summary>When it was last used, to the minute; null for never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>The address that it was last used from.</summary>
    public string? LastUsedFrom { get; init; }
}

/// <summary>Whether a token works.</summary>
public enum ApiTokenState
{
    /// <summary>It works.</summary>
    Good,

    /// <summary>There is no such token.</summary>
    Unknown,

    Expired,

    Revoked,

    /// <summary>Its person may not sign in.</summary>
    PersonDisabled,

    /// <summary>The portal requires a second factor, and the person has none. The token works again once there is one.</summary>
    SecondFactorMissing,
}

/// <summary>A token that was just made.</summary>
/// <param name="Line">The token.</param>
/// <param name="Value">Its value: a secret, to be shown once.</param>
public sealed record MadeApiToken(ApiTokenLine Line, string Value)
{
    /// <summary>Never prints the value.</summary>
    public override string ToString() => nameof(MadeApiToken);
}
