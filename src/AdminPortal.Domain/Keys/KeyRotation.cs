
namespace AdminPortal.Domain.Keys;

/// <summary>
/// One change of the key that seals: a new key is made, and every stored value is opened and sealed anew with it, column
/// after column, in passes, until a pass finds nothing more.
/// </summary>
public sealed class KeyRotation : IVersioned
{
    public required Guid Id { get; init; }

    /// <summary>The new key.</summary>
    public required Guid KeyId { get; init; }

    public RotationState State { get; set; } = RotationState.Running;

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public Guid? PersonId { get; init; }

    public string? PersonName { get; init; }

    /// <summary>How many values an older key had sealed when it began; null until they are counted.</summary>
    public long? Total { get; set; }

    /// <summary>How many were sealed anew, read back and written.</summary>
    public long Resealed { get; set; }

    /// <summary>How many somebody else changed at the same moment; they were left to the next pass.</summary>
    public long Newer { get; set; }

    /// <summary>How many did not open, and are left as they are.</summary>
    public long Unreadable { get; set; }

    /// <summary>The pass that is under way, from 1; 0 before the first.</summary>
    public int Pass { get; set; }

    /// <summary>How many the pass has found to do.</summary>
    public long PassFound { get; set; }

    /// <summary>The column that is walked, as table and column; null before the first one.</summary>
    public string? Column { get; set; }

    /// <summary>The last row of it that is done; null before the first one.</summary>
    public string? Cursor { get; set; }

    public Guid? ClaimedBy { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>When the keys from before were removed; null while they are there.</summary>
    public DateTimeOffset? OldKeysRemovedAt { get; set; }

    public int Version { get; set; }
}

/// <summary>Where a rotation is.</summary>
public enum RotationState
{
    Running,

    /// <summary>A whole pass has found no value of an older key but those that do not open.</summary>
    Done,
}
