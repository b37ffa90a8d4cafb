using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace AdminPortal.Provisioning.Activity;

/// <summary>
/// The chain over the record: every line has the HMAC-SHA256 of its own bytes and of the hash of the line before it, and
/// a row of its own, <see cref="ActivityHead"/>, holds where the chain begins and ends, with an HMAC of that.
/// </summary>
/// <remarks>
/// <para>
/// An HMAC and not a bare hash, because whoever can write to the file could compute bare hashes anew. The key is 32
/// random bytes, sealed with the key ring like every other secret, and the key ring is wrapped by a certificate that does
/// not lie in the file. It is not derived from a key of the ring: those are replaced every 90 days, and a rotation of the
/// ring re-seals 32 bytes and leaves a million hashes alone.
/// </para>
/// <para>
/// What it proves to somebody who has the certificate: that no line was changed, put in, taken out or moved by anybody
/// without the key, the last lines included, as the head names the last one. What it does not prove: that the file as a
/// whole is not an older copy of itself. A backup is a whole chain with a head that fits, and it has to be, or no backup
/// could be restored; "AdminPortal doctor" prints the number of the last line and the beginning of its hash, and whoever
/// keeps those elsewhere sees when a later look has fewer. Nor does it hold against somebody who has both the file and the
/// certificate, or who runs code within the portal; and where the key ring is left unwrapped, the file alone is enough.
/// </para>
/// </remarks>
internal static class ActivityChain
{
    public const int HashLength = 32;

    private const string ReadHead = "SELECT \"Key\", \"FirstId\", \"FirstHash\", \"LastId\", \"LastHash\", \"OlderId\", \"RemovedId\", \"Mac\" FROM \"ActivityHead\" WHERE \"Id\" = 1";

    /// <summary>What stands before the first line of all.</summary>
    public static byte[] Beginning => new byte[HashLength];

    /// <summary>The hash of a line.</summary>
    public static byte[] Next(byte[] key, ReadOnlySpan<byte> previous, ActivityRow row, ArrayBufferWriter<byte>? buffer = null)
    {
        buffer ??= new ArrayBufferWriter<byte>(512);
        buffer.ResetWrittenCount();
        // Told apart from the head's.
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
    /// Numbers new lines and ties them to the chain, in the order in which they were added. It has to be called within the
    /// transaction that writes them, and that transaction has to hold the place for writing from its beginning, as EF
    /// Core's do on SQLite: nobody else's lines come between then, however many processes there are.
    /// </summary>
    /// <returns>The head as it has to be written when the lines are.</returns>
    public static async Task<ActivityHead> TieAsync(PortalDb db, ActivityKey keys, IEnumerable<EntityEntry<ActivityEntry>> lines, CancellationToken cancellationToken)
    {
        var head = await FindHeadAsync(db, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException("The activity record has no chain yet: ActivityKeeper.PrepareAsync has to be called before the first line is written.");
        var key = keys.Open(head);
        var buffer = new ArrayBufferWriter<byte>(512);
        foreach (var line in lines.OrderBy(line => line.Entity.Id).ToList())
        {
            var id = head.LastId + 1;
            var hash = Next(key, head.LastHash, ActivityRow.Of(line.Entity, id), buffer);
            var number = line.Property(entry => entry.Id);
            number.CurrentValue = id;
            number.IsTemporary = false;
            line.Property(entry => entry.Hash).CurrentValue = hash;
            (head.LastId, head.LastHash) = (id, hash);
        }

        head.Mac = Mac(key, head);
        return head;
    }

    /// <summary>The head as it stands; null where there is none yet. The connection has to be open.</summary>
    public static async Task<ActivityHead?> FindHeadAsync(PortalDb db, CancellationToken cancellationToken)
    {
        await using var command = db.Command(ReadHead);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? Read(reader) : null;
    }

    /// <summary>Writes the head, all but its key.</summary>
    public static Task WriteHeadAsync(PortalDb db, ActivityHead head, CancellationToken cancellationToken) => db.RunAsync(
        "UPDATE \"ActivityHead\" SET \"FirstId\" = $firstId, \"FirstHash\" = $firstHash, \"LastId\" = $lastId, \"LastHash\" = $lastHash, \"OlderId\" = $olderId, \"RemovedId\" = $removedId, \"Mac\" = $mac WHERE \"Id\" = 1",
        cancellationToken,
        [("$firstId", head.FirstId), ("$firstHash", head.FirstHash), ("$lastId", head.LastId), ("$lastHash", head.LastHash), ("$olderId", head.OlderId), ("$removedId", head.RemovedId), ("$mac", head.Mac)]);

    private static ActivityHead Read(DbDataReader reader) => new()
    {
        Key = new Sealed(reader.GetString(0)),
        FirstId = reader.GetInt64(1),
        FirstHash = (byte[])reader.GetValue(2),
        LastId = reader.GetInt64(3),
        LastHash = (byte[])reader.GetValue(4),
        OlderId = reader.GetInt64(5),
        RemovedId = reader.GetInt64(6),
        Mac = (byte[])reader.GetValue(7),
    };
}
