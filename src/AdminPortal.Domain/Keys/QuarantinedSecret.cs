namespace AdminPortal.Domain.Keys;

/// <summary>A sealed value that a rotation could not open. The value stays where it is; this says which one it is and why.</summary>
public sealed class QuarantinedSecret
{
    public required Guid Id { get; init; }

    /// <summary>The rotation that met it last.</summary>
    public required Guid RotationId { get; set; }

    public required string Table { get; init; }

    public required string Column { get; init; }

    /// <summary>The row's key.</summary>
    public required string RowKey { get; init; }

    /// <summary>The value's name within the column; empty where there is one alone.</summary>
    public required string Part { get; init; }

    /// <summary>The id of what it belongs to.</summary>
    public required Guid Owner { get; init; }

    /// <summary>The row's name when it was met.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of what the column held, by which a value that was entered anew is told.</summary>
    public required byte[] Fingerprint { get; set; }

    public required QuarantineReason Reason { get; set; }

    public required DateTimeOffset FoundAt { get; set; }
}

/// <summary>Why a value could not be sealed anew. The names are stored.</summary>
public enum QuarantineReason
{
    /// <summary>The key ring has no key for it, or it is damaged.</summary>
    DoesNotOpen,

    /// <summary>Its column is not what such a column holds.</summary>
    NotReadable,

    /// <summary>What was sealed anew did not open to the same value, and was not written.</summary>
    ReadBackFailed,
}
