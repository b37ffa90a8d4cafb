using AdminPortal.Domain.Secrets;

namespace AdminPortal.Domain.Activity;

/// <summary>Where the chain over the record begins and ends; one row, changed in the transaction that adds lines.</summary>
public sealed class ActivityHead
{
    /// <summary>There is one.</summary>
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    /// <summary>The chain's key, sealed with the key ring.</summary>
    public required Sealed Key { get; set; }

    /// <summary>The first line that is kept; lines before it were exported and removed.</summary>
    public required long FirstId { get; set; }

    /// <summary>The hash of the line before the first one; 32 zeros where there never was one.</summary>
    public required byte[] FirstHash { get; set; }

    /// <summary>The last line; one less than the first one while there is none.</summary>
    public required long LastId { get; set; }

    public required byte[] LastHash { get; set; }

    /// <summary>The last line that was written before there was a chain, and is tied to it at start; 0 for none.</summary>
    /// <remarks>Without it, lines that somebody slips in behind the last one without a hash would be tied and vouched for.</remarks>
    public long OlderId { get; set; }

    /// <summary>Lines up to this one were exported, and may be removed; 0 for none.</summary>
    public long RemovedId { get; set; }

    /// <summary>Proves the six values above.</summary>
    public required byte[] Mac { get; set; }

    internal Secret KeyOf => new(SecretKind.ActivityKey, KeyOwner, Key);

    /// <summary>Stands for the record where a secret names the row that it belongs to.</summary>
    internal static Guid KeyOwner { get; } = new("a0c71417-0000-7000-8000-000000000001");
}
