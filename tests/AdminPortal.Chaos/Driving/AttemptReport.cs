namespace AdminPortal.Chaos.Driving;

/// <summary>An attempt as the portal's services tell it from inside.</summary>
public sealed record AttemptReport
{
    public required Guid Id { get; init; }

    public required string State { get; init; }

    public required bool IsOver { get; init; }

    public required string Name { get; init; }

    public required string PortalTag { get; init; }

    public int Tries { get; init; }

    public int Searches { get; init; }

    public DateTimeOffset? NextAt { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    public DateTimeOffset? VerifiedAt { get; init; }

    public bool HasCode { get; init; }

    public string? Reason { get; init; }

    public int? Status { get; init; }

    public string? Message { get; init; }

    public Guid? InstanceId { get; init; }

    public long? PlatformInstanceId { get; init; }

    public int Orphans { get; init; }

    /// <summary>The portal's time.</summary>
    public DateTimeOffset Now { get; init; }

    public IReadOnlyList<Line> History { get; init; } = [];

    public sealed record Line(DateTimeOffset At, string Event, string State, string? Detail);
}

/// <summary>What a process holds.</summary>
public sealed record Holdings(long HeapBytes, long ResidentBytes, int Threads, int Handles);
