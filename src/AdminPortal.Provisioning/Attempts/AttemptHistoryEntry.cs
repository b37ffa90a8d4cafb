namespace AdminPortal.Provisioning.Attempts;

/// <summary>One line of an attempt's history; it is kept for good.</summary>
public sealed class AttemptHistoryEntry
{
    public required Guid Id { get; init; }

    public required Guid AttemptId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required AttemptEvent Event { get; init; }

    /// <summary>The state that the event led to.</summary>
    public required AttemptState State { get; init; }

    /// <summary>What else is to be said, for example a status; never a secret.</summary>
    public string? Detail { get; init; }
}
