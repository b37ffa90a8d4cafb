namespace AdminPortal.Domain.Activity;

/// <summary>
/// One thing that was done, by whom, from where and to what; it is written in the transaction that does it and never
/// changed. Its number and its hash are given to it when it is saved: see <c>ActivityChain</c>.
/// </summary>
/// <remarks>
/// A column that is added here must be added to <c>ActivityRow</c>. Otherwise the chain does not cover it. A test compares the two.
/// </remarks>
public sealed class ActivityEntry
{
    public const int MaxSubjectLength = 255;
    public const int MaxDetailLength = 1000;
    public const int MaxFromLength = 64;

    /// <summary>Bytes of <see cref="Hash"/>.</summary>
    public const int HashLength = 32;

    public long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The person; null for the portal itself.</summary>
    public Guid? PersonId { get; init; }

    public string? PersonName { get; init; }

    /// <summary>The address that the request came from; null for what the portal does by itself, also for a person.</summary>
    public string? From { get; init; }

    public required ActivityAction Action { get; init; }

    /// <summary>Whether it was done; otherwise <see cref="Detail"/> says what stood in the way.</summary>
    public required bool Succeeded { get; init; }

    public Guid? InstanceId { get; init; }

    public Guid? JobId { get; init; }

    public Guid? PlatformAccountId { get; init; }

    public Guid? ProviderAppId { get; init; }

    public Guid? AttemptId { get; init; }

    /// <summary>The name of what it was done to, at that time.</summary>
    public required string Subject { get; init; }

    /// <summary>What else is to be said; never a secret.</summary>
    public string? Detail { get; init; }

    /// <summary>The fields that changed, as <see cref="FieldChanges.Write"/> puts them; null where none are named.</summary>
    public string? Changes { get; init; }

    /// <summary>What ties it to the line before it; 32 bytes.</summary>
    public byte[] Hash { get; init; } = [];
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
    InstanceCreated,
    AccountAdded,
    AccountChanged,
    AccountRemoved,
    ProviderAppAdded,
    ProviderAppChanged,
    ProviderAppRemoved,
    ProviderAppOriginAllowed,
    ProviderAppOriginRemoved,
    AccountMoved,
    ViewSaved,
    ViewRemoved,
    DraftStarted,
    DraftChanged,
    ConsentStarted,
    ServerDecided,
    SignedIn,
    SignInRefused,
    SignInLockedOut,
    SignedOut,
    SessionsEnded,
    Confirmed,
    ConfirmationRefused,
    RevealAsked,
    RevealApproved,
    RevealRefused,
    ApprovalAsked,
    ApprovalGiven,
    ApprovalRefused,
    AdministratorCreated,
    RecordExported,
    RecordRemoved,
    RecordKeyLost,
    AuthenticatorSet,
    AuthenticatorRemoved,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    PasswordChanged,
    FactorsReset,
    ProofRefused,
    KeyRotationStarted,
    KeyRotationEnded,
    KeysWrapped,
    OldKeysRemoved,
    SecretsForgotten,
    SecretsResealed,
    SingleSignOnJoined,
    SingleSignOnConnected,
    WayInMade,
    WayInUsed,
    ApiTokenMade,
    ApiTokenRevoked,
    AccessEnded,
    RecordMarked,
    RecordAltered,
    RecordAccepted,
    DatabaseRestored,
}
