namespace AdminPortal.Domain.Users;

/// <summary>What ended a session. The names are stored.</summary>
public enum SessionEnding
{
    /// <summary>The person signed out in it.</summary>
    SignedOut,

    /// <summary>The person ended it from another session.</summary>
    ByPerson,

    /// <summary>An administrator ended all sessions of the person.</summary>
    ByAdministrator,

    /// <summary>The authority of single sign-on said that the person is in no group that may use the portal.</summary>
    GroupsLost,

    /// <summary>The person signed in again in the same browser.</summary>
    Replaced,

    /// <summary>Nothing was done in it for too long, it was too old, or its person was changed; found afterwards.</summary>
    Lapsed,
}
