using System.Security.Cryptography.X509Certificates;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Record;

/// <summary>Reads and writes the anchors of this portal: beside the database, in the directory for anchors, and to the log.</summary>
/// <remarks>
/// An anchor names only what is durable: SQLite runs with <c>synchronous = FULL</c>, which syncs the write-ahead log before
/// a commit becomes visible to the connection that reads the head here.
/// </remarks>
internal sealed class RecordAnchors(IOptions<PortalOptions> options, IHostEnvironment environment, KeyRingSettings settings, TimeProvider clock, ILogger<RecordAnchors> logger)
{
    /// <summary>The file beside the database.</summary>
    public string BesideDatabase => AnchorFiles.BesideDatabase(PortalDatabase.DataDirectory(options.Value, environment));

    /// <summary>Length and time of the write-ahead log, which each commit changes; zeros where there is none.</summary>
    public (long Length, DateTime WrittenAt) LookAtLog()
    {
        var log = new FileInfo(Path.Combine(PortalDatabase.DataDirectory(options.Value, environment), PortalDatabase.FileName + "-wal"));
        return log.Exists ? (log.Length, log.LastWriteTimeUtc) : default;
    }

    /// <summary>The directory for anchors; null where neither it nor one for backups is configured.</summary>
    public string? Directory => options.Value is { Activity.AnchorDirectory: { Length: > 0 } own } ? own : options.Value.Backup.Directory is { Length: > 0 } backups ? backups : null;

    /// <summary>
    /// The anchors of each place. To be called before the database is read: a row that is written in between is then no
    /// difference.
    /// </summary>
    public IReadOnlyList<AnchorPlace> ReadAll() =>
        Directory is { } directory ? [Read(BesideDatabase), Read(directory) with { MustHaveAnchors = HasOwnDirectory }] : [Read(BesideDatabase)];

    /// <summary>What keeps the configured directory for anchors from being used, as a sentence; null where nothing does.</summary>
    public string? FindTrouble()
    {
        if (!HasOwnDirectory) return null;
        var directory = options.Value.Activity.AnchorDirectory;
        try
        {
            if (System.IO.Directory.Exists(directory))
            {
                _ = System.IO.Directory.EnumerateFiles(directory).FirstOrDefault();
                return null;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"The directory {directory} of Portal:Activity:AnchorDirectory cannot be read: {exception.Message} Give the portal's user the right to read and write it.";
        }

        return $"The directory {directory} of Portal:Activity:AnchorDirectory does not exist. Create it, or mount it: the portal does not create it, because a mount may be away.";
    }

    /// <summary>The anchor of a head, signed.</summary>
    public RecordAnchor Make(Guid databaseId, ActivityHead? head, long? generation, byte[]? key, AnchorReason reason, string? note, X509Certificate2? certificate) => new RecordAnchor
    {
        Database = databaseId,
        Serial = 0,
        Sequence = head is { LastId: > 0 } ? head.LastId : 0,
        Hash = Convert.ToHexStringLower(head?.LastHash ?? ActivityChain.Beginning),
        Generation = generation,
        At = clock.GetUtcNow(),
        Reason = reason,
        Key = key is null ? "" : RecordMarks.Fingerprint(key),
        Note = note,
    }.Sign(key, certificate);

    /// <summary>Replaces the anchor beside the database.</summary>
    public void WriteBesideDatabase(RecordAnchor anchor, byte[]? key, KeyRingCertificates certificates)
    {
        var serial = AnchorFiles.NextSerial(Read(BesideDatabase).Lines, key, certificates);
        AnchorFiles.Replace(BesideDatabase, (anchor with { Serial = serial }).Sign(key, certificates.Current));
    }

    /// <summary>Appends an anchor to the directory, where one is configured.</summary>
    public void WriteToDirectory(RecordAnchor anchor, byte[]? key, KeyRingCertificates certificates)
    {
        if (Directory is not { } directory) return;
        if (!HasOwnDirectory) PortalDatabase.MakeDirectory(directory);
        var serial = AnchorFiles.NextSerial(Read(directory).Lines, key, certificates);
        _ = AnchorFiles.Append(directory, (anchor with { Serial = serial }).Sign(key, certificates.Current));
    }

    /// <summary>Makes an anchor of any database file that this portal's certificate opens.</summary>
    /// <param name="databaseFile">The file: the database, or a backup.</param>
    /// <param name="reason">Why.</param>
    /// <param name="note">What the reason is about.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The anchor, signed and not written yet; null where nothing could vouch for it: the record's key does not open, and no certificate is configured.</returns>
    public async Task<MadeAnchor?> MakeForAsync(string databaseFile, AnchorReason reason, string? note, CancellationToken cancellationToken)
    {
        await using var db = PortalDatabase.Open(DatabaseFile.Unpooled(databaseFile));
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var certificates = KeyRingCertificates.Load(settings.Read());
        // A version without a chain: the anchor says that the database has no row yet that an anchor could name.
        if (!db.HasTable("ActivityHead"))
            return certificates.Current is null ? null : new MadeAnchor(Make(Guid.Empty, null, null, null, reason, note, certificates.Current), null, certificates);
        using var probe = KeyRingProbe.Over(db.ReadKeyRing(), certificates, out _);
        if (probe is null) return null;
        var mark = RecordMarks.Read(db);
        var (head, _) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        var (_, key) = RecordMarks.Verify(mark, head, probe.Box, certificates);
        key ??= Open(probe, head);
        if (key is null && certificates.Current is null) return null;
        var generation = PortalDatabase.ReadGeneration(db);
        return new MadeAnchor(Make(mark?.DatabaseId ?? Guid.Empty, head, generation, key, reason, note, certificates.Current), key, certificates);
    }

    /// <summary>Writes an anchor of a database that was put in place by command, to the usual places.</summary>
    /// <returns>The anchor; null where nothing could vouch for it, and then the anchor of the former database is removed.</returns>
    public async Task<RecordAnchor?> WriteForAsync(string databaseFile, AnchorReason reason, string? note, CancellationToken cancellationToken)
    {
        if (await MakeForAsync(databaseFile, reason, note, cancellationToken).ConfigureAwait(false) is not { } made)
        {
            File.Delete(BesideDatabase);
            return null;
        }

        WriteBesideDatabase(made.Anchor, made.Key, made.Certificates);
        WriteToDirectory(made.Anchor, made.Key, made.Certificates);
        return made.Anchor;
    }

    private bool HasOwnDirectory => options.Value.Activity.AnchorDirectory.Length > 0;

    // What cannot be read counts as damaged: it must not look like a place without anchors.
    private AnchorPlace Read(string place)
    {
        try
        {
            return new AnchorPlace(place, AnchorFiles.Read(place));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ActivityLogging.AnchorsNotRead(logger, place, exception.Message);
            return new AnchorPlace(place, [new AnchorLine(place, null)]);
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

/// <summary>A signed anchor, and what it was signed with.</summary>
internal sealed record MadeAnchor(RecordAnchor Anchor, byte[]? Key, KeyRingCertificates Certificates);
