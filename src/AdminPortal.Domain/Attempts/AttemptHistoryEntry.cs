namespace AdminPortal.Domain.Attempts;

/// <summary>One line of an attempt's history; it is kept for good.</summary>
public sealed class AttemptHistoryEntry
{
    /// <summary>The longest payload that is kept, in UTF-16 code units; a longer one is cut.</summary>
    public const int MaxPayloadLength = 8000;

    /// <summary>The longest <see cref="Detail"/>.</summary>
    public const int MaxDetailLength = 500;

    public required Guid Id { get; init; }

    public required Guid AttemptId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required AttemptEvent Event { get; init; }

    /// <summary>The state that the event led to.</summary>
    public required AttemptState State { get; init; }

    /// <summary>What else is to be said, for example a status; never a secret.</summary>
    public string? Detail { get; init; }

    /// <summary>The platform's request id, where the event is the answer to a request.</summary>
    public string? RequestId { get; init; }

    /// <summary>How long that which led to the event took, in milliseconds: a request, or the checks before leaving.</summary>
    public int? DurationMilliseconds { get; init; }

    /// <summary>The request's body as JSON, with <c>***</c> in place of every value that is or may be a secret.</summary>
    public string? Sent { get; init; }

    /// <summary>What was answered, as JSON of the portal's own making: named fields alone, and no secret among them.</summary>
    public string? Received { get; init; }
}
