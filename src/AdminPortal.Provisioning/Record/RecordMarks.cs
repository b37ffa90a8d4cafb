using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Record;

/// <summary>How a mark verifies.</summary>
internal enum MarkState
{
    Missing,

    /// <summary>Signed by a configured certificate; without a certificate, its keyed hash is right.</summary>
    Verified,

    /// <summary>A certificate is configured, and the mark is not signed. Its keyed hash is right.</summary>
    NotSigned,

    /// <summary>A signature or the keyed hash is wrong, or the key has another fingerprint.</summary>
    Forged,

    /// <summary>The mark itself is signed, but no stored key has the fingerprint that it names.</summary>
    KeyMissing,
}

/// <summary>Reads, writes and verifies <see cref="ActivityMark"/>.</summary>
internal static class RecordMarks
{
    private const string Table = "ActivityMark";

    public static ActivityMark? Read(PortalDb db) => !db.HasTable(Table) ? null : db.Rows(
        "SELECT \"DatabaseId\", \"Key\", \"KeyFingerprint\", \"Origin\", \"MadeAt\", \"Mac\", \"Certificate\", \"Signature\" FROM \"ActivityMark\" WHERE \"Id\" = 1",
        row => new ActivityMark
        {
            DatabaseId = Guid.TryParse(row.GetValue(0) as string, out var id) ? id : Guid.Empty,
            Key = new Sealed(row.GetValue(1) as string ?? ""),
            KeyFingerprint = row.GetValue(2) as string ?? "",
            Origin = Enum.TryParse<RecordOrigin>(row.GetValue(3) as string, out var origin) ? origin : (RecordOrigin)(-1),
            MadeAt = row.GetValue(4) is long ticks and >= 0 && ticks <= DateTime.MaxValue.Ticks ? UtcTicksConverter.Read(ticks) : DateTimeOffset.MinValue,
            Mac = row.GetValue(5) as byte[] ?? [],
            Certificate = row.GetValue(6) as string,
            Signature = row.GetValue(7) as byte[],
        }).SingleOrDefault();

    /// <summary>A new mark, signed where a certificate is configured.</summary>
    public static ActivityMark Make(Guid databaseId, byte[] key, Sealed sealedKey, RecordOrigin origin, DateTimeOffset now, X509Certificate2? certificate)
    {
        var text = Text(databaseId, Fingerprint(key), origin, now);
        var signature = RecordSignature.Sign(certificate, text);
        return new ActivityMark
        {
            DatabaseId = databaseId,
            Key = sealedKey,
            KeyFingerprint = Fingerprint(key),
            Origin = origin,
            MadeAt = now,
            Mac = Mac(key, text),
            Certificate = signature is null ? null : certificate!.Thumbprint,
            Signature = signature,
        };
    }

    /// <summary>Identifies a key without telling it: it has 256 random bits.</summary>
    public static string Fingerprint(byte[] key) => Convert.ToHexStringLower(HMACSHA256.HashData(key, "AdminPortal record key"u8));

    /// <summary>Verifies a mark and finds the record's key by the fingerprint that it names.</summary>
    /// <param name="mark">The mark.</param>
    /// <param name="head">The record's head, with the other copy of the key.</param>
    /// <param name="box">Opens the copies.</param>
    /// <param name="certificates">What is configured.</param>
    /// <param name="former">Opens copies whose sealing is still the first release's; null where none are expected.</param>
    /// <returns>How it verifies, and the key where a copy of it opens and has the fingerprint.</returns>
    public static (MarkState State, byte[]? Key) Verify(ActivityMark? mark, ActivityHead? head, ISecretBox box, KeyRingCertificates certificates, FormerSecretBox? former = null)
    {
        if (mark is null) return (MarkState.Missing, null);
        var text = TextOf(mark);
        var isSigned = RecordSignature.FindSigner(certificates, text, mark.Signature) is not null;
        if (certificates.Current is not null && mark.Signature is not null && !isSigned) return (MarkState.Forged, null);
        var key = new[] { mark.KeyOf, head?.KeyOf }.OfType<Secret>().Select(copy => Open(box, former, copy)).FirstOrDefault(copy => copy is not null && Fingerprint(copy) == mark.KeyFingerprint);
        if (key is null) return (isSigned ? MarkState.KeyMissing : MarkState.Forged, null);
        if (!CryptographicOperations.FixedTimeEquals(mark.Mac, Mac(key, text))) return (MarkState.Forged, null);
        return (isSigned || certificates.Current is null ? MarkState.Verified : MarkState.NotSigned, key);
    }

    /// <summary>The plain text of the known value in a database whose record is marked.</summary>
    public static string CanaryText(string fingerprint) => $"{KeyRingProbe.CanaryText} The activity record is chained with key {fingerprint}.";

    /// <summary>Signs the mark and the key ring's entries with a new certificate, as far as the former ones verify them.</summary>
    /// <param name="db">The database, in the transaction that changes the entries.</param>
    /// <param name="current">The certificate that signs from now on.</param>
    /// <param name="former">The certificates whose signatures are accepted.</param>
    /// <param name="before">The entries before they were changed, with their signatures.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether anything was signed.</returns>
    public static async Task<bool> SignAgainAsync(
        PortalDb db, X509Certificate2 current, IReadOnlyList<X509Certificate2> former, IReadOnlyList<SignedEntry> before, CancellationToken cancellationToken)
    {
        if (Read(db) is not { } mark) return false;
        var signer = RecordSignature.FindSigner(former, TextOf(mark), mark.Signature);
        // A forged mark stays one. A mark without a signature is from before the first certificate.
        if (signer is null && mark.Signature is not null) return false;
        var isFirst = mark.Signature is null;
        var changed = false;
        if (signer?.Thumbprint != current.Thumbprint)
        {
            await db.RunAsync(
                "UPDATE \"ActivityMark\" SET \"Certificate\" = $certificate, \"Signature\" = $signature WHERE \"Id\" = 1", cancellationToken,
                ("$certificate", current.Thumbprint), ("$signature", RecordSignature.Sign(current, TextOf(mark)))).ConfigureAwait(false);
            changed = true;
        }

        foreach (var entry in ReadEntries(db))
        {
            var known = before.FirstOrDefault(one => one.Id == entry.Id) ?? entry;
            if (!isFirst && !known.IsSignedBy(former)) continue;
            if (entry.IsSignedBy([current])) continue;
            await SignAsync(db, entry, current, cancellationToken).ConfigureAwait(false);
            changed = true;
        }

        return changed;
    }

    /// <summary>Signs every entry of the key ring that has no signature yet.</summary>
    public static async Task SignEntriesAsync(PortalDb db, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        if (certificate is null) return;
        foreach (var entry in ReadEntries(db).Where(entry => entry.Signature is null)) await SignAsync(db, entry, certificate, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The key ring's entries with their signatures; none where the database is older than those.</summary>
    public static List<SignedEntry> ReadEntries(PortalDb db) =>
        db.Rows("SELECT 1 FROM pragma_table_info('KeyRing') WHERE name = 'Signature'", row => row.GetInt32(0)).Count == 0 ? [] : db.Rows(
            "SELECT \"Id\", \"Xml\", \"Signature\" FROM \"KeyRing\" ORDER BY \"Id\"",
            row => new SignedEntry(row.GetInt32(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)));

    private static Task<int> SignAsync(PortalDb db, SignedEntry entry, X509Certificate2 certificate, CancellationToken cancellationToken) => db.RunAsync(
        "UPDATE \"KeyRing\" SET \"Signature\" = $signature WHERE \"Id\" = $id AND \"Xml\" = $xml", cancellationToken,
        ("$signature", RecordSignature.SignEntry(certificate, entry.Xml)), ("$id", entry.Id), ("$xml", entry.Xml));

    /// <summary>A stored copy of the record's key; null where it does not open or is not a key.</summary>
    /// <param name="box">Opens what this version sealed.</param>
    /// <param name="former">Opens what the first release sealed; null where that is not expected.</param>
    /// <param name="copy">The copy.</param>
    public static byte[]? Open(ISecretBox box, FormerSecretBox? former, Secret copy)
    {
        if ((box.Find(copy, SecretOrigin.Nowhere) ?? former?.Find(copy)) is not { } text) return null;
        var key = new byte[ActivityChain.HashLength];
        return Convert.TryFromBase64String(text, key, out var length) && length == key.Length ? key : null;
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("mark" + text));

    private static string TextOf(ActivityMark mark) => Text(mark.DatabaseId, mark.KeyFingerprint, mark.Origin, mark.MadeAt);

    private static string Text(Guid databaseId, string fingerprint, RecordOrigin origin, DateTimeOffset madeAt) => string.Create(
        CultureInfo.InvariantCulture, $"AdminPortal activity record mark v1\n{databaseId:N}\n{fingerprint}\n{origin}\n{madeAt.UtcTicks}");
}

/// <summary>An entry of the key ring with its signature.</summary>
internal sealed record SignedEntry(int Id, string Xml, string? Signature)
{
    public bool IsSignedBy(IEnumerable<X509Certificate2?> certificates)
    {
        var signature = new byte[(Signature?.Length ?? 0) + 3];
        return Signature is not null && Convert.TryFromBase64String(Signature, signature, out var length)
            && RecordSignature.FindSigner(certificates, KeyRingEntry.SignedText(Xml), signature[..length]) is not null;
    }
}
