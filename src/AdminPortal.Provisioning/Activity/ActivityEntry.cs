namespace AdminPortal.Provisioning.Activity;

/// <summary>One thing that was done, by whom and to what; it is written in the transaction that does it and never changed.</summary>
public sealed class ActivityEntry
{
    public const int MaxSubjectLength = 255;
    public const int MaxDetailLength = 1000;

    public long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The person; null for the portal itself.</summary>
    public Guid? PersonId { get; init; }

    public string? PersonName { get; init; }

    public required ActivityAction Action { get; init; }

    /// <summary>Whether it was done; otherwise <see cref="Detail"/> says what stood in the way.</summary>
    public required bool Succeeded { get; init; }

    public Guid? InstanceId { get; init; }

    public Guid? JobId { get; init; }

    public Guid? PlatformAccountId { get; init; }

    /// <summary>The name of what it was done to, at that time.</summary>
    public required string Subject { get; init; }

    /// <summary>What else is to be said; never a secret.</summary>
    public string? Detail { get; init; }
}

/// <summary>What can be done. The names are stored; their words are resources named <c>Activity.{name}</c>.</summary>
public enum ActivityAction
{
    InstanceRenamed,
    InstanceEnabled,
    InstanceDisabled,
    InstanceDeleted,
    InstanceChecked,
    InstanceAdopted,
    InstanceForgotten,
    InstancePushed,
    ConfigurationChanged,
    EventsChanged,
    TraceSwitched,
    ReauthenticationStarted,
    Reauthenticated,
    MoveStarted,
    Cloned,
    OrphanRemoved,
    DraftDiscarded,
    DraftRemoved,
    AbsenceDecided,
    SupportBundleDownloaded,
    RequestSent,
    TokenRevealed,
    JobStarted,
    JobCancelled,
    JobEnded,
    Exported,
    SyncStarted,
    SyncEnded,
    SyncCancelled,
    DriftIgnored,
    CalendarFeedMade,
    CalendarFeedEnded,
    NotAllowed,
    PersonInvited,
    RoleChanged,
    PersonDisabled,
    PersonEnabled,
    PersonReset,
    PersonRemoved,
    PasswordSet,
}
