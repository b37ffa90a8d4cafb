using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Record;

/// <summary>
/// Prepares the record at start, before anything is written to it: begins the chain of a new database, marks the record of
/// the first release once, and reports every sign of manipulation. It chains rows a single time.
/// </summary>
public sealed class ActivityKeeper
{
    /// <summary>So many older rows are tied in one transaction: an interrupted start goes on from there.</summary>
    private const int Batch = 20_000;

    private readonly IDbContextFactory<PortalDb> _databases;
    private readonly ActivityKey _keys;
    private readonly ISecretBox _secrets;
    private readonly IDataProtectionProvider _protection;
    private readonly KeyRingSettings _settings;
    private readonly RecordAnchors _anchors;
    private readonly RecordReports _reports;
    private readonly TimeProvider _clock;
    private readonly IStringLocalizer<ProvisioningText> _texts;
    private readonly ILogger<ActivityKeeper> _logger;

    internal ActivityKeeper(
        IDbContextFactory<PortalDb> databases, ActivityKey keys, ISecretBox secrets, IDataProtectionProvider protection, KeyRingSettings settings, RecordAnchors anchors,
        RecordReports reports, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILogger<ActivityKeeper> logger)
    {
        _databases = databases;
        _keys = keys;
        _secrets = secrets;
        _protection = protection;
        _settings = settings;
        _anchors = anchors;
        _reports = reports;
        _clock = clock;
        _texts = texts;
        _logger = logger;
    }

    /// <summary>
    /// Prepares the record. To be called at every start, before the secrets of an earlier version are sealed again: their form
    /// is the proof that the database comes from that version.
    /// </summary>
    /// <param name="cancellationToken">Gives up; the next start goes on.</param>
    /// <exception cref="AnchorsAwayException">The configured directory for anchors cannot be used.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_anchors.FindTrouble() is { } trouble) throw new AnchorsAwayException(trouble);
        var anchors = _anchors.ReadAll();
        await using var db = await _databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await PrepareAsync(db, anchors, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The context goes back to its pool, and an open connection would go with it.
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Begins a new chain with a new key and a new mark, by a command of the administrator. The rows before stay and cannot
    /// be verified any more.
    /// </summary>
    /// <param name="origin">The command.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The fingerprint of the key.</returns>
    internal async Task<string> BeginAgainAsync(RecordOrigin origin, CancellationToken cancellationToken)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var certificates = KeyRingCertificates.Load(_settings.Read());
            var mark = RecordMarks.Read(db);
            var (head, _) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
            // The command was interrupted behind this step, and is given again.
            if (origin == RecordOrigin.SecretsForgotten && RecordMarks.Verify(mark, head, _secrets, certificates) is (MarkState.Verified, { } known) && _keys.TryRead(head) is { } own && own.AsSpan().SequenceEqual(known))
            {
                _keys.Trust(mark!.Key, known);
                return mark.KeyFingerprint;
            }

            var key = RandomNumberGenerator.GetBytes(ActivityChain.HashLength);
            var next = RecordMarks.Make(mark is { DatabaseId: var id } && id != Guid.Empty ? id : Guid.NewGuid(), key, _keys.Seal(key), origin, _clock.GetUtcNow(), certificates.Current);
            _keys.Trust(null, null);
            await BeginAnewAsync(db, key, next, cancellationToken).ConfigureAwait(false);
            _keys.Trust(next.Key, key);
            return next.KeyFingerprint;
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }

    private async Task PrepareAsync(PortalDb db, IReadOnlyList<AnchorPlace> anchors, CancellationToken cancellationToken)
    {
        var certificates = KeyRingCertificates.Load(_settings.Read());
        if (certificates.Current is null) ActivityLogging.NotWrapped(_logger);
        var examiner = new RecordExaminer(_secrets, _protection, certificates);
        var seen = await examiner.ExamineAsync(db, anchors, cancellationToken).ConfigureAwait(false);
        List<RecordFinding> findings = [];
        if (await BeginOrMarkAsync(db, seen, certificates, findings, cancellationToken).ConfigureAwait(false))
            seen = await examiner.ExamineAsync(db, anchors, cancellationToken).ConfigureAwait(false);

        findings.AddRange(seen.Findings);
        await SealKeyAgainAsync(db, seen.Head, seen.Key, cancellationToken).ConfigureAwait(false);
        _keys.Trust(seen.IsTrusted ? seen.Mark!.Key : null, seen.IsTrusted ? seen.Key : null);
        // Without any key no row could be written, and the portal could do nothing. A mark is never made here: what lies
        // before stays unverified, and every start says so.
        if (seen.Key is null)
        {
            var key = RandomNumberGenerator.GetBytes(ActivityChain.HashLength);
            await BeginAnewAsync(db, key, null, cancellationToken).ConfigureAwait(false);
        }

        await ReportAsync(db, seen, findings, cancellationToken).ConfigureAwait(false);
        await SignAgainAsync(db, seen, certificates, cancellationToken).ConfigureAwait(false);
        await NoteRestoreAsync(db, seen, certificates, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does what is done once in a database's life.</summary>
    /// <returns>Whether it did anything.</returns>
    private async Task<bool> BeginOrMarkAsync(
        PortalDb db, RecordExamination seen, KeyRingCertificates certificates, List<RecordFinding> findings, CancellationToken cancellationToken)
    {
        if (seen.State == RecordState.New)
        {
            // Sealed outside of any transaction: the key ring may have to write a key of its own first.
            var key = RandomNumberGenerator.GetBytes(ActivityChain.HashLength);
            var head = new ActivityHead
            {
                Key = _keys.Seal(key), FirstId = 1, FirstHash = ActivityChain.Beginning, LastId = 0, LastHash = ActivityChain.Beginning, OlderId = 0, Mac = [],
            };
            head.Mac = ActivityChain.Mac(key, head);
            await MarkAsync(db, key, head, RecordOrigin.NewDatabase, certificates.Current, cancellationToken).ConfigureAwait(false);
            return true;
        }

        if (seen.State == RecordState.BeforeChain)
        {
            var key = RandomNumberGenerator.GetBytes(ActivityChain.HashLength);
            await BeginAsync(db, _keys.Seal(key), key, cancellationToken).ConfigureAwait(false);
            await TieOlderAsync(db, key, cancellationToken).ConfigureAwait(false);
            await MarkAsync(db, key, null, RecordOrigin.BeforeChain, certificates.Current, cancellationToken).ConfigureAwait(false);
            return true;
        }

        if (seen.State != RecordState.FirstRelease) return false;
        await TieOlderAsync(db, seen.Key!, cancellationToken).ConfigureAwait(false);
        var check = (await ActivityCheck.RunAsync(db, _ => seen.Key!, cancellationToken).ConfigureAwait(false))!;
        if (check.Break is { } first) findings.Add(new RecordFinding(RecordFindingKind.RowsChanged, first, check.Broken));
        // A ring that was never wrapped as a whole proves nothing: rewrap signs the mark later.
        var isWrapped = db.ReadKeyRing().Select(KeyXml.Read).All(xml => xml is null || KeyXml.FindKey(xml) is null || KeyXml.FindWrap(xml) is not null);
        await MarkAsync(db, seen.Key!, null, RecordOrigin.FirstRelease, isWrapped ? certificates.Current : null, cancellationToken).ConfigureAwait(false);
        ActivityLogging.Marked(_logger, check.Lines);
        return true;
    }

    // The first release sealed the key of its chain for no destination.
    private async Task SealKeyAgainAsync(PortalDb db, ActivityHead? head, byte[]? key, CancellationToken cancellationToken)
    {
        if (head is null || key is null || _keys.TryRead(head) is not null) return;
        await db.RunAsync(
            "UPDATE \"ActivityHead\" SET \"Key\" = $new WHERE \"Id\" = 1 AND \"Key\" = $old", cancellationToken, ("$new", _keys.Seal(key).Ciphertext), ("$old", head.Key.Ciphertext)).ConfigureAwait(false);
    }

    private async Task MarkAsync(PortalDb db, byte[] key, ActivityHead? head, RecordOrigin origin, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        var mark = RecordMarks.Make(Guid.NewGuid(), key, _keys.Seal(key), origin, now, certificate);
        var canary = KeyRingProbe.Seal(_protection, RecordMarks.CanaryText(mark.KeyFingerprint));
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // Another process may have been started at the same moment.
        if (RecordMarks.Read(db) is not null) return;
        await SealKeyAgainAsync(db, (await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false)).Head, key, cancellationToken).ConfigureAwait(false);
        if (head is not null)
        {
            await db.ActivityHeads.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            db.ActivityHeads.Add(head);
        }

        await db.KeyRingCanaries.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        db.KeyRingCanaries.Add(new KeyRingCanary { Value = canary, WrittenAt = now });
        db.ActivityMarks.Add(mark);
        if (origin != RecordOrigin.NewDatabase) db.Note(Actor.Portal, now, ActivityAction.RecordMarked, _texts["Activity.Record"], detail: _texts[$"Activity.Marked.{origin}"]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await RecordMarks.SignEntriesAsync(db, certificate, cancellationToken).ConfigureAwait(false);
        await PortalDatabase.NoteBeforeChainAsync(db, false, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();
    }

    private async Task ReportAsync(PortalDb db, RecordExamination seen, List<RecordFinding> findings, CancellationToken cancellationToken)
    {
        if (findings.Count == 0) return;
        foreach (var finding in findings) _ = _reports.Report(finding);
        var canary = seen.IsTrusted && findings.Exists(finding => finding.Kind is RecordFindingKind.CanaryMissing or RecordFindingKind.CanaryReplaced)
            ? KeyRingProbe.Seal(_protection, RecordMarks.CanaryText(seen.Mark!.KeyFingerprint)) : null;
        var fresh = seen.IsTrusted ? _keys.Seal(seen.Key!) : null;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // Restore the guards before writing: a trigger that was added to the tables could prevent it.
        await RecordGuards.RestoreAsync(db, findings, cancellationToken).ConfigureAwait(false);
        if (canary is not null)
        {
            await db.KeyRingCanaries.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            db.KeyRingCanaries.Add(new KeyRingCanary { Value = canary, WrittenAt = _clock.GetUtcNow() });
        }

        if (seen.IsTrusted && findings.Exists(finding => finding.Kind == RecordFindingKind.HeadChanged))
            await db.RunAsync("UPDATE \"ActivityHead\" SET \"Key\" = $key WHERE \"Id\" = 1", cancellationToken, [("$key", fresh!.Ciphertext)]).ConfigureAwait(false);
        _ = _reports.Note(db, findings);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();
    }

    // After a change of certificates the former one still verifies; the new one signs from now on.
    private static async Task SignAgainAsync(PortalDb db, RecordExamination seen, KeyRingCertificates certificates, CancellationToken cancellationToken)
    {
        if (certificates is not { Current: { } current, Previous: { } previous } || seen.MarkState != MarkState.Verified || seen.Mark!.Certificate == current.Thumbprint) return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await RecordMarks.SignAgainAsync(db, current, [current, previous], RecordMarks.ReadEntries(db), cancellationToken).ConfigureAwait(false))
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    // The command that restored has left a signed anchor; the row is written by the first start, whose schema has the table.
    private async Task NoteRestoreAsync(PortalDb db, RecordExamination seen, KeyRingCertificates certificates, CancellationToken cancellationToken)
    {
        if (!seen.IsTrusted || seen.Anchors.FirstOrDefault(verdict => verdict.Place?.StartsWith(_anchors.BesideDatabase, StringComparison.Ordinal) == true)?.Newest is not { Reason: AnchorReason.Restored } restored) return;
        db.Note(Actor.Portal, _clock.GetUtcNow(), ActivityAction.DatabaseRestored, _texts["Activity.Record"], detail: _texts["Activity.Restored", restored.Note ?? "", restored.Sequence]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();
        var (head, _) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        var anchor = _anchors.Make(seen.Mark!.DatabaseId, head, PortalDatabase.ReadGeneration(db), seen.Key, AnchorReason.Started, null, certificates.Current);
        _anchors.WriteBesideDatabase(anchor, seen.Key, certificates);
    }

    private static async Task BeginAsync(PortalDb db, Sealed fresh, byte[] key, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // Another process may have been started at the same moment.
        if (await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false) is not (null, var older)) return;
        var first = await db.Activity.MinAsync(line => (long?)line.Id, cancellationToken).ConfigureAwait(false) ?? 1;
        var head = new ActivityHead
        {
            Key = fresh,
            FirstId = first,
            FirstHash = ActivityChain.Beginning,
            LastId = first - 1,
            LastHash = ActivityChain.Beginning,
            OlderId = older,
            Mac = [],
        };
        head.Mac = ActivityChain.Mac(key, head);
        db.ActivityHeads.Add(head);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();
    }

    /// <summary>
    /// Begins a new chain behind the last row. The rows before it are not tied again: that would vouch for what cannot be
    /// verified. They stay, and doctor reports them from now on.
    /// </summary>
    private async Task BeginAnewAsync(PortalDb db, byte[] key, ActivityMark? mark, CancellationToken cancellationToken)
    {
        var fresh = _keys.Seal(key);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var (head, maxId) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        // Another process may have been started at the same moment.
        if (mark is null && head is not null && _keys.TryRead(head) is not null) return;
        var last = maxId;
        var lostFrom = head?.FirstId ?? Math.Min(1, last);
        var next = new ActivityHead
        {
            Key = fresh,
            FirstId = last + 1,
            FirstHash = ActivityChain.Beginning,
            LastId = last,
            LastHash = ActivityChain.Beginning,
            RemovedId = head is not null && head.RemovedId < last ? Math.Max(0, head.RemovedId) : 0,
            Mac = [],
        };
        next.Mac = ActivityChain.Mac(key, next);
        await db.ActivityHeads.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        db.ActivityHeads.Add(next);
        if (mark is not null)
        {
            await db.ActivityMarks.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            db.ActivityMarks.Add(mark);
        }

        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        var isAccepted = mark?.Origin == RecordOrigin.Accepted;
        db.Note(
            Actor.Portal, _clock.GetUtcNow(), isAccepted ? ActivityAction.RecordAccepted : ActivityAction.RecordKeyLost, _texts["Activity.Record"], succeeded: isAccepted,
            _texts[isAccepted ? "Activity.Accepted" : "Activity.KeyLost", lostFrom, last]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        db.ChangeTracker.Clear();
        if (!isAccepted) ActivityLogging.KeyLost(_logger, last);
    }

    // Rows of a version without a chain have an empty hash, and the head stands before them.
    private async Task TieOlderAsync(PortalDb db, byte[] key, CancellationToken cancellationToken)
    {
        var tied = 0L;
        while (true)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            var (head, _) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
            if (head is null || head.LastId >= head.OlderId) break;
            // What OlderId says is believed only with its HMAC.
            if (!CryptographicOperations.FixedTimeEquals(head.Mac, ActivityChain.Mac(key, head))) break;
            var count = await TieBatchAsync(db, head, key, cancellationToken).ConfigureAwait(false);
            // The rows that should follow are gone: the verification names them.
            if (count == 0) head.LastId = head.OlderId;
            head.Mac = ActivityChain.Mac(key, head);
            await ActivityChain.WriteHeadAsync(db, head, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            tied += count;
        }

        if (tied > 0) ActivityLogging.Tied(_logger, tied);
    }

    private static async Task<int> TieBatchAsync(PortalDb db, ActivityHead head, byte[] key, CancellationToken cancellationToken)
    {
        List<(long Id, byte[] Hash)> hashes = [];
        var buffer = new ArrayBufferWriter<byte>(512);
        var command = db.Command(
            $"SELECT {ActivityRow.Select} FROM \"Activity\" WHERE \"Id\" > $last AND \"Id\" <= $older ORDER BY \"Id\" LIMIT {Batch}", [("$last", head.LastId), ("$older", head.OlderId)]);
        await using (command.ConfigureAwait(false))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var (row, _) = ActivityRow.Read(reader);
                (head.LastId, head.LastHash) = (row.Id, ActivityChain.Next(key, head.LastHash, row, buffer));
                hashes.Add((row.Id, head.LastHash));
            }
        }

        await using var update = db.Command("UPDATE \"Activity\" SET \"Hash\" = $hash WHERE \"Id\" = $id");
        var (hash, id) = (update.Add("$hash"), update.Add("$id"));
        await update.PrepareAsync(cancellationToken).ConfigureAwait(false);
        foreach (var line in hashes)
        {
            hash.Set(line.Hash);
            id.Set(line.Id);
            await update.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        return hashes.Count;
    }
}
