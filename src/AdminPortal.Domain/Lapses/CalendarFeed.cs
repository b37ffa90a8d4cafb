namespace AdminPortal.Domain.Lapses;

/// <summary>A person's secret address of the calendar of lapses; the address itself is not kept, only its hash.</summary>
public sealed class CalendarFeed
{
    /// <summary>The person; each has one at most.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>SHA-256 of the secret part of the address.</summary>
    public required byte[] SecretHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastReadAt { get; set; }
}
