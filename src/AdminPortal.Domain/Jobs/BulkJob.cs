namespace AdminPortal.Domain.Jobs;

/// <summary>One action on many instances: rows that the worker works off, so that a restart loses nothing.</summary>
public sealed class BulkJob : IVersioned
{
    public required Guid Id { get; init; }

    public required JobKind Kind { get; init; }

    public JobState State { get; set; } = JobState.Running;

    public required DateTimeOffset CreatedAt { get; init; }

    public Guid? PersonId { get; init; }

    public string? PersonName { get; init; }

    /// <summary>The tags that are added or removed; empty for the other kinds.</summary>
    public List<string> Tags { get; init; } = [];

    /// <summary>How many instances it is for.</summary>
    public required int Total { get; set; }

    public int Succeeded { get; set; }

    public int Failed { get; set; }

    /// <summary>Instances for which there was nothing to do, or that were gone.</summary>
    public int Skipped { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The process that works on it; null for none.</summary>
    public Guid? ClaimedBy { get; set; }

    /// <summary>
    /// When another process may take over. A cancelled job has a lease only while items that were started may still have to be decided.
    /// </summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    public int Version { get; set; }
}

/// <summary>What a job does to each instance. The names are stored; their words are resources named <c>Job.{name}</c>.</summary>
public enum JobKind
{
    Validate,
    AddTags,
    RemoveTags,
    Enable,
    Disable,
    Delete,

    /// <summary>Nothing is changed: the rows are what the download contains.</summary>
    Export,

    /// <summary>The portal's name, tags and on/off are written to the platform, where they differ.</summary>
    Push,
}

/// <summary>Where a job is. The names are stored.</summary>
public enum JobState
{
    Running,

    /// <summary>A person called it off; what was done stays done.</summary>
    Cancelled,

    Done,
}
