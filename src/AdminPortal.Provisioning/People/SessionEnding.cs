namespace AdminPortal.Provisioning.People;

/// <summary>What ended a session. The names are stored.</summary>
public enum SessionEnding
{
    /// <summary>The person signed out in it.</summary>
    SignedOut,

    /// <summary>The person ended it from another session.</summary>
    ByPerson,

    /// <summary>The person signed in again in the same browser.</summary>
    Replaced,

    /// <summary>Nothing was done in it for too long, it was too old, or its person was changed; found afterwards.</summary>
    Lapsed,
}
