using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Storage;

/// <summary>
/// The key ring and its known value as they stand in the file, by statements of our own: they are the first that is read at
/// every start, before any traffic, and EF Core would build all that its queries need for these alone.
/// </summary>
internal static class KeyRingSql
{
    /// <summary>The entries, in the order in which the key ring grew.</summary>
    public static List<KeyRingEntry> ReadKeyRing(this PortalDb db)
    {
        db.Database.OpenConnection();
        try
        {
            using var command = db.Command("SELECT \"Id\", \"FriendlyName\", \"Xml\" FROM \"KeyRing\" ORDER BY \"Id\"");
            using var row = command.ExecuteReader();
            List<KeyRingEntry> entries = [];
            while (row.Read()) entries.Add(new KeyRingEntry { Id = row.GetInt32(0), FriendlyName = row.GetString(1), Xml = row.GetString(2) });
            return entries;
        }
        finally
        {
            db.Database.CloseConnection();
        }
    }

    /// <summary>The known value; null where there is none yet. A backup may be older than its table.</summary>
    public static KeyRingCanary? ReadCanary(this PortalDb db)
    {
        db.Database.OpenConnection();
        try
        {
            using var table = db.Command("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'KeyRingCanary'");
            if (table.ExecuteScalar() is 0L) return null;
            using var command = db.Command("SELECT \"Value\", \"WrittenAt\" FROM \"KeyRingCanary\"");
            using var row = command.ExecuteReader();
            return row.Read() ? new KeyRingCanary { Value = row.GetString(0), WrittenAt = UtcTicksConverter.Read(row.GetInt64(1)) } : null;
        }
        finally
        {
            db.Database.CloseConnection();
        }
    }
}
