namespace AdminPortal.Domain.Access;

/// <summary>What a role is asked for; <see cref="Permissions"/> says which. Their words are resources named <c>Operation.{name}</c>.</summary>
public enum Operation
{
    /// <summary>One's own named filters.</summary>
    KeepViews,

    /// <summary>One's own address of the calendar of lapses.</summary>
    KeepCalendar,

    /// <summary>One's own tokens for scripts.</summary>
    KeepTokens,

    /// <summary>Seeing and ending one's own sessions.</summary>
    KeepSessions,

    /// <summary>Drafts and attempts, from the wizard's first step to what was left behind on the platform.</summary>
    Connect,

    /// <summary>Name, tags, configuration, events, trace, on and off, and looking whether an instance works.</summary>
    ChangeInstances,

    DeleteInstances,

    /// <summary>Authorizing an instance anew, and moving it off its legacy key.</summary>
    Reauthenticate,

    RevealTokens,

    /// <summary>Calls to an instance's own API.</summary>
    SendRequests,

    RunJobs,

    /// <summary>Files to be taken along: exports and support bundles.</summary>
    Download,

    /// <summary>Syncs, and settling what they found.</summary>
    Synchronize,

    ManageAccounts,

    ManageProviderApps,

    ManagePeople,

    /// <summary>The key ring: rotating, wrapping anew, removing old keys.</summary>
    ManageKeys,
}
