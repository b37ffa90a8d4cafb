namespace AdminPortal.Domain.Jobs;

/// <summary>One instance of a job, and what came of it.</summary>
public sealed class BulkJobItem
{
    public const int MaxMessageLength = 1000;

    public required Guid JobId { get; init; }

    /// <summary>The instance's running number: with <see cref="JobId"/> the key.</summary>
    public required long InstanceNumber { get; init; }

    public required Guid InstanceId { get; init; }

    /// <summary>The instance's name when the job was made: it may be deleted since.</summary>
    public required string InstanceName { get; init; }

    public JobItemState State { get; set; }

    /// <summary>
    /// When its call to the platform was started; stored before the call. Where it is still waiting then, a process was killed
    /// before it stored the result, and what the platform shows decides.
    /// </summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>What stood in the way, or why there was nothing to do.</summary>
    public string? Message { get; set; }

    public DateTimeOffset? DoneAt { get; set; }
}

/// <summary>Where one instance of a job is. The names are stored.</summary>
public enum JobItemState
{
    Waiting,
    Succeeded,
    Failed,
    Skipped,
}
