using System.Security.Cryptography.X509Certificates;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Activity;

/// <summary>Reads and writes the anchors of this portal: beside the database, in the directory for anchors, and to the log.</summary>
/// <remarks>
/// An anchor names only what is durable: SQLite runs with <c>synchronous = FULL</c>, which syncs the write-ahead log before
/// a commit becomes visible to the connection that reads the head here.
/// </remarks>
internal sealed class RecordAnchors(IOptions<PortalOptions> options, IHostEnvironment environment, KeyRingSettings settings, TimeProvider clock, ILogger<RecordAnchors> logger)
{
    /// <summary>The file beside the database.</summary>
    public string BesideDatabase => AnchorFiles.BesideDatabase(PortalDatabase.DataDirectory(options.Value, environment));

    /// <summary>The directory for anchors; null where neither it nor one for backups is configured.</summary>
    public string? Directory => options.Value is { Activity.AnchorDirectory: { Length: > 0 } own } ? own : options.Value.Backup.Directory is { Length: > 0 } backups ? backups : null;

    /// <summary>
    /// The anchors of each place. To be called before the database is read: a row that is written in between is then no
    /// difference.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<AnchorLine>> ReadAll() => Directory is { } directory ? [Read(BesideDatabase), Read(directory)] : [Read(BesideDatabase)];

    /// <summary>The anchor of a head, signed.</summary>
    public RecordAnchor Make(Guid databaseId, ActivityHead? head, byte[]? key, AnchorReason reason, string? note, X509Certificate2? certificate) => new RecordAnchor
    {
        Database = databaseId,
        Serial = 0,
        Sequence = head is { LastId: > 0 } ? head.LastId : 0,
        Hash = Convert.ToHexStringLower(head?.LastHash ?? ActivityChain.Beginning),
        At = clock.GetUtcNow(),
        Reason = reason,
        Key = key is null ? "" : RecordMarks.Fingerprint(key),
        Note = note,
    }.Sign(key, certificate);

    /// <summary>Replaces the anchor beside the database.</summary>
    public void WriteBesideDatabase(RecordAnchor anchor, byte[]? key, X509Certificate2? certificate)
    {
        var serial = AnchorFiles.NextSerial(Read(BesideDatabase));
        AnchorFiles.Replace(BesideDatabase, (anchor with { Serial = serial }).Sign(key, certificate));
    }

    /// <summary>Appends an anchor to the directory, where one is configured.</summary>
    public void WriteToDirectory(RecordAnchor anchor, byte[]? key, X509Certificate2? certificate)
    {
        if (Directory is not { } directory) return;
        var serial = AnchorFiles.NextSerial(Read(directory));
        _ = AnchorFiles.Append(directory, (anchor with { Serial = serial }).Sign(key, certificate));
    }

    /// <summary>Writes an anchor of any database file that this portal's certificate opens.</summary>
    /// <param name="databaseFile">The file: the database, or a backup.</param>
    /// <param name="reason">Why.</param>
    /// <param name="note">What the reason is about.</param>
    /// <param name="beside">A file to write it to; null: the usual places.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The anchor; null where the file has no record that could be anchored.</returns>
    public async Task<RecordAnchor?> WriteForAsync(string databaseFile, AnchorReason reason, string? note, string? beside, CancellationToken cancellationToken)
    {
        await using var db = PortalDatabase.Open(DatabaseFile.Unpooled(databaseFile));
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        if (!db.HasTable("ActivityHead")) return null;
        var certificates = KeyRingCertificates.Load(settings.Read());
        using var probe = KeyRingProbe.Over(db.ReadKeyRing(), certificates, out _);
        if (probe is null) return null;
        var mark = RecordMarks.Read(db);
        var (head, _) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        var (_, key) = RecordMarks.Verify(mark, head, probe.Box, certificates);
        key ??= Open(probe, head);
        // Without the key and without a certificate nothing would vouch for it.
        if (key is null && certificates.Current is null) return null;
        var anchor = Make(mark?.DatabaseId ?? Guid.Empty, head, key, reason, note, certificates.Current);
        if (beside is not null)
        {
            AnchorFiles.Replace(beside, (anchor with { Serial = 1 }).Sign(key, certificates.Current));
            return anchor;
        }

        WriteBesideDatabase(anchor, key, certificates.Current);
        WriteToDirectory(anchor, key, certificates.Current);
        return anchor;
    }

    private List<AnchorLine> Read(string place)
    {
        try
        {
            return AnchorFiles.Read(place);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ActivityLogging.AnchorsNotRead(logger, place, exception.Message);
            return [];
        }
    }

    private static byte[]? Open(KeyRingProbe probe, ActivityHead? head)
    {
        try
        {
            return head is null ? null : probe.ReadKey(head);
        }
        catch (SecretUnreadableException)
        {
            return null;
        }
    }
}
