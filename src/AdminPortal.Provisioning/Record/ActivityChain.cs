using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace AdminPortal.Provisioning.Record;

/// <summary>
/// The chain over the record: every row has the HMAC-SHA256 of its own bytes and of the hash of the row before it. A row
/// in <see cref="ActivityHead"/> holds where the chain begins and ends, with an HMAC of that.
/// </summary>
/// <remarks>
/// <para>
/// An HMAC and not a bare hash, because a program with write access to the file could compute bare hashes. The key is 32
/// random bytes, sealed with the key ring like every other secret, and the key ring is wrapped by a certificate that is
/// not in the file. It is not derived from a key of the ring: those are replaced every 90 days, and a rotation of the
/// ring re-seals 32 bytes and leaves a million hashes alone.
/// </para>
/// <para>
/// Which key is the right one is stated by <see cref="ActivityMark"/>, signed by the certificate. That a whole file is
/// not an older copy of itself can only be seen from outside of it: <see cref="RecordAnchor"/>. Help/activity-record.md
/// says what is guaranteed.
/// </para>
/// </remarks>
internal static class ActivityChain
{
    public const int HashLength = ActivityEntry.HashLength;

    private const string ReadHead = "SELECT \"Key\", \"FirstId\", \"FirstHash\", \"LastId\", \"LastHash\", \"OlderId\", \"RemovedId\", \"Mac\", max(coalesce((SELECT MAX(\"Id\") FROM \"Activity\"), 0), 0) FROM (SELECT 1) LEFT JOIN \"ActivityHead\" ON \"Id\" = 1";

    /// <summary>The hash before the first row: 32 zero bytes.</summary>
    public static byte[] Beginning => new byte[HashLength];

    /// <summary>The hash of a line.</summary>
    public static byte[] Next(byte[] key, ReadOnlySpan<byte> previous, ActivityRow row, ArrayBufferWriter<byte>? buffer = null)
    {
        buffer ??= new ArrayBufferWriter<byte>(512);
        buffer.ResetWrittenCount();
        // The prefix separates the hashes of rows from those of heads.
        buffer.Write("line"u8);
        buffer.Write(previous);
        row.Write(buffer);
        return HMACSHA256.HashData(key, buffer.WrittenSpan);
    }

    /// <summary>Proves where the chain begins and ends.</summary>
    public static byte[] Mac(byte[] key, ActivityHead head)
    {
        var bytes = new ArrayBufferWriter<byte>(128);
        bytes.Write("head"u8);
        BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(8), head.FirstId);
        bytes.Advance(8);
        bytes.Write(head.FirstHash);
        BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(8), head.LastId);
        bytes.Advance(8);
        bytes.Write(head.LastHash);
        BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(8), head.OlderId);
        bytes.Advance(8);
        BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(8), head.RemovedId);
        bytes.Advance(8);
        return HMACSHA256.HashData(key, bytes.WrittenSpan);
    }

    /// <summary>
    /// Numbers new rows and ties them to the chain, in the order in which they were added. It has to be called within the
    /// transaction that writes them, and that transaction has to hold SQLite's write lock from its beginning, as EF Core's
    /// do: no other process adds rows in between.
    /// </summary>
    /// <remarks>
    /// The head is verified before it is extended. A head that was changed would otherwise get a right HMAC with the next
    /// row. What does not verify is stated in a row of its own, and the chain goes on behind the last row that there is:
    /// the complete verification still finds the place.
    /// </remarks>
    /// <returns>The head as it has to be written when the rows are.</returns>
    public static async Task<ActivityHead> TieAsync(PortalDb db, ActivityKey keys, IEnumerable<EntityEntry<ActivityEntry>> lines, CancellationToken cancellationToken)
    {
        var (found, maxId) = await FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        keys.Load(db, found);
        if (found is null && !keys.IsTrusted)
            throw new InvalidOperationException("The activity record has no chain yet: ActivityKeeper.PrepareAsync has to be called before the first row is written.");
        var key = keys.Open(found);
        var added = lines.OrderBy(line => line.Entity.Id).ToList();
        var head = found;
        if (FindAlteration(found, maxId, key) is { } alteration)
        {
            head = await RecordRepair.ContinueAsync(db, keys, found, alteration, cancellationToken).ConfigureAwait(false);
            if (keys.Describe(alteration, added) is { } told) added.Insert(0, db.Activity.Add(told));
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        foreach (var line in added)
        {
            var id = head!.LastId + 1;
            var hash = Next(key, head.LastHash, ActivityRow.Of(line.Entity, id), buffer);
            var number = line.Property(entry => entry.Id);
            number.CurrentValue = id;
            number.IsTemporary = false;
            line.Property(entry => entry.Hash).CurrentValue = hash;
            (head.LastId, head.LastHash) = (id, hash);
        }

        head!.Mac = Mac(key, head);
        return head;
    }

    /// <summary>What is wrong with the head or with the end of the record; null where nothing is.</summary>
    /// <param name="head">The head, or null if the record has none.</param>
    /// <param name="maxId">The last row that there is; 0 for none.</param>
    /// <param name="key">The record's key.</param>
    public static RecordFinding? FindAlteration(ActivityHead? head, long maxId, byte[] key)
    {
        if (head is null) return new RecordFinding(RecordFindingKind.HeadMissing);
        if (!CryptographicOperations.FixedTimeEquals(head.Mac, Mac(key, head))) return new RecordFinding(RecordFindingKind.HeadChanged);
        // Rows from before the chain are being tied: those behind the last one are still to come.
        if (head.LastId < head.OlderId || maxId == head.LastId) return null;
        return maxId > head.LastId
            ? new RecordFinding(RecordFindingKind.RowsBehind, head.LastId + 1)
            : new RecordFinding(RecordFindingKind.RowsMissing, Math.Max(maxId + 1, head.FirstId), head.LastId);
    }

    /// <summary>A stored hash as the chain uses it: anything but 32 bytes counts as zeros.</summary>
    public static byte[] Stored(byte[] hash) => hash.Length == HashLength ? hash : Beginning;

    /// <summary>Reads the head and the number of the last row. The connection must be open.</summary>
    /// <returns>The head, or null if the record has none; and the last row's number, or 0 if the record is empty.</returns>
    public static async Task<(ActivityHead? Head, long MaxId)> FindHeadAsync(PortalDb db, CancellationToken cancellationToken)
    {
        await using var command = db.Command(ReadHead);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? (reader.IsDBNull(0) ? null : Read(reader), reader.GetInt64(8)) : (null, 0);
    }

    /// <summary>Writes the head, all but its key.</summary>
    public static Task WriteHeadAsync(PortalDb db, ActivityHead head, CancellationToken cancellationToken) => db.RunAsync(
        "UPDATE \"ActivityHead\" SET \"FirstId\" = $firstId, \"FirstHash\" = $firstHash, \"LastId\" = $lastId, \"LastHash\" = $lastHash, \"OlderId\" = $olderId, \"RemovedId\" = $removedId, \"Mac\" = $mac WHERE \"Id\" = 1",
        cancellationToken,
        [("$firstId", head.FirstId), ("$firstHash", head.FirstHash), ("$lastId", head.LastId), ("$lastHash", head.LastHash), ("$olderId", head.OlderId), ("$removedId", head.RemovedId), ("$mac", head.Mac)]);

    // A value of another type than the column's was not written by the portal: the HMAC does not fit then.
    private static ActivityHead Read(DbDataReader reader) => new()
    {
        Key = new Sealed(reader.GetValue(0) as string ?? ""),
        FirstId = Number(reader, 1),
        FirstHash = reader.GetValue(2) as byte[] ?? [],
        LastId = Number(reader, 3),
        LastHash = reader.GetValue(4) as byte[] ?? [],
        OlderId = Number(reader, 5),
        RemovedId = Number(reader, 6),
        Mac = reader.GetValue(7) as byte[] ?? [],
    };

    private static long Number(DbDataReader reader, int column) => reader.GetValue(column) is long number ? number : 0;
}
