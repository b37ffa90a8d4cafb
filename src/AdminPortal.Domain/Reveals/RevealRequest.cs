using AdminPortal.Domain.Activity;

namespace AdminPortal.Domain.Reveals;

/// <summary>A person's request for something that somebody else has to approve. An approval is used once, for exactly what was asked.</summary>
public sealed class RevealRequest
{
    /// <summary>The longest reason that is stored, in UTF-16 units.</summary>
    public const int MaxReasonLength = 500;

    public const int MaxTargetLength = 8000;
    public const int MaxNameLength = ActivityEntry.MaxSubjectLength;

    public Guid Id { get; init; }

    public ApprovalKind Kind { get; init; }

    /// <summary>The instance whose token is asked for; empty for requests of other kinds.</summary>
    public required Guid InstanceId { get; init; }

    /// <summary>The platform account or provider app that it is about; null for a new account and for a token.</summary>
    public Guid? TargetId { get; init; }

    /// <summary>What is approved, in the exact form in which the operation compares it; empty for a token.</summary>
    public string Target { get; init; } = "";

    /// <summary>Who asks.</summary>
    public required Guid PersonId { get; init; }

    public required string PersonName { get; init; }

    /// <summary>What for; written down with whatever becomes of it.</summary>
    public required string Reason { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public required RevealRequestState State { get; set; }

    /// <summary>Until when it can be decided, and once approved, used.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Who decided; null while nobody has.</summary>
    public Guid? DecidedBy { get; set; }

    public string? DecidedByName { get; set; }
}
