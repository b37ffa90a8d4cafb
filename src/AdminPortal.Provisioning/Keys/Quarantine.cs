using System.Security.Cryptography;
using System.Text;
using AdminPortal.Domain.Keys;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Keys;

/// <summary>Writes down which sealed values could not be opened: see <see cref="QuarantinedSecret"/>.</summary>
internal static class Quarantine
{
    private const string Keep =
        """
        INSERT INTO "QuarantinedSecrets" ("Id", "RotationId", "Table", "Column", "RowKey", "Part", "Owner", "Name", "Fingerprint", "Reason", "FoundAt")
        VALUES ($id, $rotation, $table, $column, $key, $part, $owner, $name, $fingerprint, $reason, $now)
        ON CONFLICT ("Table", "Column", "RowKey", "Part") DO UPDATE SET "RotationId" = excluded."RotationId", "Reason" = excluded."Reason",
            "FoundAt" = CASE WHEN "Fingerprint" = excluded."Fingerprint" THEN "FoundAt" ELSE excluded."FoundAt" END, "Fingerprint" = excluded."Fingerprint"
        """;

    /// <summary>Adds an entry, or brings the one of the same value up to date, in the transaction of the context.</summary>
    /// <param name="db">The database.</param>
    /// <param name="work">The rotation, or the start step, that met it.</param>
    /// <param name="column">Where the value is.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="part">The name of the value within the column, the owner and what the column held.</param>
    /// <param name="name">The row's name.</param>
    /// <param name="reason">Why it was left as it is.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task KeepAsync(
        PortalDb db, Guid work, SealedColumn column, string key, SealedPart part, string name, QuarantineReason reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.RunAsync(
            Keep, cancellationToken, ("$id", Guid.CreateVersion7(now)), ("$rotation", work), ("$table", column.Table), ("$column", column.Name), ("$key", key), ("$part", part.Part),
            ("$owner", part.Owner), ("$name", name), ("$fingerprint", FingerprintOf(part.Ciphertext)), ("$reason", reason.ToString()), ("$now", now.UtcTicks));

    /// <summary>By this a value that was entered again is told from the one that did not open.</summary>
    public static byte[] FingerprintOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
