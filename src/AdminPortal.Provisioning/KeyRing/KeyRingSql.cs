using AdminPortal.Domain.Keys;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>
/// The key ring and its known value as they stand in the file, by statements of our own: they are the first that is read at
/// every start, before any traffic, and EF Core would build all that its queries need for these alone.
/// </summary>
internal static class KeyRingSql
{
    /// <summary>The entries, in the order in which the key ring grew.</summary>
    public static List<KeyRingEntry> ReadKeyRing(this PortalDb db) => db.Rows(
        "SELECT \"Id\", \"FriendlyName\", \"Xml\" FROM \"KeyRing\" ORDER BY \"Id\"",
        row => new KeyRingEntry { Id = row.GetInt32(0), FriendlyName = row.GetString(1), Xml = row.GetString(2) });

    /// <summary>The known value; null where there is none yet. A backup may be older than its table.</summary>
    public static KeyRingCanary? ReadCanary(this PortalDb db) => !db.HasTable("KeyRingCanary") ? null : db.Rows(
        "SELECT \"Value\", \"WrittenAt\" FROM \"KeyRingCanary\"",
        row => new KeyRingCanary { Value = row.GetString(0), WrittenAt = UtcTicksConverter.Read(row.GetInt64(1)) }).SingleOrDefault();
}
