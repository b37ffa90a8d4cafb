using AdminPortal.Provisioning.Activity;

namespace AdminPortal.Provisioning.Reveals;

/// <summary>A person's request to see an instance's token, where somebody else has to approve it. It is good for one look.</summary>
public sealed class RevealRequest
{
    public const int MaxNameLength = ActivityEntry.MaxSubjectLength;

    public Guid Id { get; init; }

    public required Guid InstanceId { get; init; }

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
