namespace AdminPortal.Domain.Sync;

/// <summary>One reading of all instances that a platform account lists, page by page, to compare with what the portal knows.</summary>
public sealed class SyncRun : IVersioned
{
    public const int MaxMessageLength = 1000;

    public required Guid Id { get; init; }

    public required Guid PlatformAccountId { get; init; }

    public SyncState State { get; set; } = SyncState.Running;

    /// <summary>Whether the instances of elements that the catalog does not know are compared too.</summary>
    public required bool AllElements { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public Guid? PersonId { get; init; }

    public string? PersonName { get; init; }

    /// <summary>The cursor of the page to fetch next; null before the first and after the last.</summary>
    public string? NextPage { get; set; }

    /// <summary>Pages fetched.</summary>
    public int Pages { get; set; }

    /// <summary>Instances seen, those of other elements included.</summary>
    public int Seen { get; set; }

    /// <summary>How many the platform's count endpoint named; null where it has none.</summary>
    public int? Counted { get; set; }

    /// <summary>How often the listing was read from its start: it is read again when it changed while it was read.</summary>
    public int Readings { get; set; }

    /// <summary>Instances that the platform has although this reading of the listing left them out, as far as they were asked for.</summary>
    public int LeftOut { get; set; }

    /// <summary>
    /// Instances that were not listed and of which the platform did not say whether it has them. Their state was left alone.
    /// </summary>
    public int Unproved { get; set; }

    /// <summary>Why it broke off, or what a complete one could not prove, as a sentence.</summary>
    public string? Message { get; set; }

    public Guid? ClaimedBy { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    public int Version { get; set; }
}

/// <summary>Where a sync is. The names are stored; their words are resources named <c>SyncState.{name}</c>.</summary>
public enum SyncState
{
    Running,

    /// <summary>Every page was read and the numbers agree. An instance is called missing only where the platform answered 404 for it.</summary>
    Complete,

    /// <summary>It ended before it saw everything, or the numbers do not agree, or the list did not stay the same.</summary>
    BrokenOff,

    Cancelled,
}
