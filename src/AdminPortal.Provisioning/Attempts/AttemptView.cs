using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>An attempt as screens see it: without its secrets.</summary>
public sealed record AttemptView
{
    public required Guid Id { get; init; }

    public required AttemptState State { get; init; }

    public required WizardStep Step { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What the catalog knows of the element; null where it does not know it any more.</summary>
    public required ElementDefinition? Element { get; init; }

    public required string ElementName { get; init; }

    public required Guid PlatformAccountId { get; init; }

    /// <summary>Null when the account is gone.</summary>
    public required string? AccountName { get; init; }

    /// <summary>The account's base URL; null when the account is gone.</summary>
    public required string? AccountBaseUrl { get; init; }

    public required Guid? ProviderAppId { get; init; }

    public required string? ProviderAppName { get; init; }

    public required string? ClientId { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required string PortalTag { get; init; }

    /// <summary>Configuration values that are not secret.</summary>
    public required IReadOnlyDictionary<string, string> Configuration { get; init; }

    /// <summary>Keys of the secret values that are stored.</summary>
    public required IReadOnlySet<string> StoredSecrets { get; init; }

    public required EventSettings? Events { get; init; }

    public required DateTimeOffset? ConsentStartedAt { get; init; }

    public required DateTimeOffset? ConsentExpiresAt { get; init; }

    public required string? ConsentedServer { get; init; }

    /// <summary>The Infusionsoft account that was entered, or the target's, where the consent named another one or none.</summary>
    public required string? ExpectedServer { get; init; }

    /// <summary>Until when a request that was never sent is tried again.</summary>
    public required DateTimeOffset? CodeGoodUntil { get; init; }

    public required DateTimeOffset? SentAt { get; init; }

    public required DateTimeOffset? NextAt { get; init; }

    public required int Tries { get; init; }

    public required int Searches { get; init; }

    /// <summary>How many pages the present look at the platform, or the last one, has read.</summary>
    public required int SearchedPages { get; init; }

    /// <summary>How many instances were on those pages.</summary>
    public required int SearchedInstances { get; init; }

    /// <summary>Until when an instance may still appear; the look after that reads everything and decides.</summary>
    public required DateTimeOffset? SearchUntil { get; init; }

    /// <summary>Until when the platform is searched again although nothing was found; null where it is not.</summary>
    public DateTimeOffset? LateSearchUntil { get; init; }

    /// <summary>When what was created was looked at; null until then.</summary>
    public required DateTimeOffset? VerifiedAt { get; init; }

    /// <summary>Further instances that the platform made of the same request, removed ones among them.</summary>
    public required IReadOnlyList<OrphanedInstance> Orphans { get; init; }

    public required AttemptEnding? Ending { get; init; }

    public required DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The instance that came of it; null when there is none or when it was deleted since.</summary>
    public required Guid? InstanceId { get; init; }

    public required long? PlatformInstanceId { get; init; }

    public required IReadOnlyList<AttemptHistoryEntry> History { get; init; }

    /// <summary>The instance that is authorized anew; null where one is created.</summary>
    public required Guid? TargetInstanceId { get; init; }

    /// <summary>The instance that the new one is to take the place of; null where there is none.</summary>
    public required Guid? ReplacesInstanceId { get; init; }

    /// <summary>How the instance that came of it, or the target, stands; null where it is not there (any more).</summary>
    public required InstanceState? InstanceState { get; init; }

    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Whether it authorizes an instance anew instead of creating one.</summary>
    public bool IsReauthentication => TargetInstanceId is not null;

    /// <summary>The wizard's steps for it, in order.</summary>
    public IReadOnlyList<WizardStep> Steps => WizardFlow.StepsFor(Element, IsReauthentication);

    /// <summary>Whether it has come to its end; what was created may still be looked at.</summary>
    public bool IsOver => State is AttemptState.Active or AttemptState.Denied or AttemptState.Expired or AttemptState.Failed;

    /// <summary>Whether nothing more will happen to it.</summary>
    public bool IsSettled => IsOver && LateSearchUntil is null && (State != AttemptState.Active || VerifiedAt is not null);

    /// <summary>Whether the wizard can still change it.</summary>
    public bool IsEditable => State is AttemptState.Draft or AttemptState.AwaitingConsent;

    /// <summary>What to call it where it has no name yet.</summary>
    public string Title => Name.Length > 0 ? Name : ElementName;
}

/// <summary>An attempt as a line of a list.</summary>
public sealed record AttemptSummary(Guid Id, string Name, string ElementName, AttemptState State, DateTimeOffset UpdatedAt)
{
    /// <summary>Whether a part of what is stored cannot be read.</summary>
    public bool IsUnreadable { get; init; }
}
