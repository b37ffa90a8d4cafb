using System.Security.Cryptography;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;

namespace AdminPortal.Provisioning.Record;

/// <summary>What kind of record a database has.</summary>
internal enum RecordState
{
    /// <summary>The database is empty. A chain may begin.</summary>
    New,

    /// <summary>The database comes from a version without a chain: its rows are to be chained and marked once.</summary>
    BeforeChain,

    /// <summary>The database comes from the first release: its record has a chain, and is to be verified and marked once.</summary>
    FirstRelease,

    /// <summary>The record has a mark. Everything that is missing or wrong is a finding.</summary>
    Marked,

    /// <summary>The mark is missing although it must exist.</summary>
    Unmarked,
}

/// <summary>What was seen of a record without reading all of its rows.</summary>
/// <param name="State">What kind of record it is.</param>
/// <param name="Mark">The mark, or null if the record has none.</param>
/// <param name="MarkState">How it verifies.</param>
/// <param name="Head">The head, or null if the record has none.</param>
/// <param name="Key">The key that rows are verified with; null where none opens.</param>
/// <param name="Findings">What is wrong.</param>
/// <param name="Anchors">What each place with anchors says.</param>
internal sealed record RecordExamination(
    RecordState State, ActivityMark? Mark, MarkState MarkState, ActivityHead? Head, byte[]? Key, IReadOnlyList<RecordFinding> Findings, IReadOnlyList<AnchorVerdict> Anchors)
{
    /// <summary>Whether the key is the one that a verified mark names.</summary>
    public bool IsTrusted => MarkState is MarkState.Verified or MarkState.NotSigned;
}

/// <summary>
/// Examines mark, head, end, guards, known value, key ring and anchors, for the start and for doctor. It reads at one
/// moment, and writes nothing.
/// </summary>
/// <remarks>
/// Whether a chain may begin is decided by what the holder of the database alone cannot make. A database is new only if
/// nothing at all is in it. One of an earlier version has its secrets still sealed as that version did, which is why the
/// record is prepared before they are sealed again: nobody without the certificate can put a secret back into that form.
/// It has no signed entry in the key ring and no anchors. Everything else without a mark was manipulated.
/// </remarks>
internal sealed class RecordExaminer(ISecretBox box, IDataProtectionProvider protection, KeyRingCertificates certificates)
{
    private static readonly string[] Contents = ["Activity", "AspNetUsers", "Accounts", "ProviderApps", "Attempts", "Instances"];

    /// <summary>Examines. The connection has to be open.</summary>
    /// <param name="db">The database.</param>
    /// <param name="places">The anchors of each place, read before this is called.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RecordExamination> ExamineAsync(PortalDb db, IReadOnlyList<AnchorPlace> places, CancellationToken cancellationToken)
    {
        await db.RunAsync("BEGIN DEFERRED", cancellationToken).ConfigureAwait(false);
        try
        {
            return await ReadAsync(db, places, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await db.RunAsync("ROLLBACK", CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<RecordExamination> ReadAsync(PortalDb db, IReadOnlyList<AnchorPlace> places, CancellationToken cancellationToken)
    {
        var mark = RecordMarks.Read(db);
        var (head, maxId) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        var (markState, key) = RecordMarks.Verify(mark, head, box, certificates, new FormerSecretBox(protection));
        key ??= head is null ? null : Open(head);
        var anchors = places.Select(place => AnchorComparison.Compare(db, place, mark?.DatabaseId, head, key, certificates)).ToList();
        List<RecordFinding> findings = [];
        if (mark is null && IsNew(db))
        {
            // Anchors of another database say that a new one was put in its place.
            findings.AddRange(anchors.SelectMany(verdict => verdict.Findings));
            findings.AddRange(anchors.Where(verdict => verdict.Newest is { Sequence: > 0 } && verdict.Findings.Count == 0)
                .Select(verdict => new RecordFinding(RecordFindingKind.AnchorAhead, verdict.Place!, verdict.Newest!.Sequence, verdict.Newest.At.UtcDateTime.ToString("u"), 0L)));
            return new RecordExamination(RecordState.New, null, MarkState.Missing, head, null, findings, anchors);
        }

        var canary = db.ReadCanary() is { } stored ? KeyRingProbe.Read(protection, stored) : null;
        var state = mark is not null ? RecordState.Marked : await FindUnmarkedAsync(db, canary, head, key, anchors, places, cancellationToken).ConfigureAwait(false);
        if (state == RecordState.BeforeChain) return new RecordExamination(state, null, markState, null, null, [], anchors);
        if (MarkFinding(state, markState) is { } missing) findings.Add(new RecordFinding(missing));
        var changes = HeadFindings(db, head, maxId, key).ToList();
        // The sealed key is not under the head's HMAC: a rotation replaces it.
        if (changes.Count == 0 && markState is MarkState.Verified or MarkState.NotSigned && (Open(head!) is not { } own || !own.AsSpan().SequenceEqual(key)))
            changes.Add(new RecordFinding(RecordFindingKind.HeadChanged));
        findings.AddRange(changes);
        findings.AddRange(RecordGuards.Find(db));
        if (mark is not null)
        {
            if (canary is null) findings.Add(new RecordFinding(RecordFindingKind.CanaryMissing));
            else if (canary != RecordMarks.CanaryText(mark.KeyFingerprint)) findings.Add(new RecordFinding(RecordFindingKind.CanaryReplaced));
            if (markState == MarkState.Verified && mark.Signature is not null) findings.AddRange(KeyFindings(db));
        }

        findings.AddRange(anchors.SelectMany(verdict => verdict.Findings));
        return new RecordExamination(state, mark, markState, head, key, findings, anchors);
    }

    private static RecordFindingKind? MarkFinding(RecordState state, MarkState mark) => (state, mark) switch
    {
        (RecordState.Unmarked, _) => RecordFindingKind.MarkMissing,
        (_, MarkState.Forged) => RecordFindingKind.MarkForged,
        (_, MarkState.NotSigned) => RecordFindingKind.MarkNotSigned,
        (_, MarkState.KeyMissing) => RecordFindingKind.KeyMissing,
        _ => null,
    };

    private static IEnumerable<RecordFinding> HeadFindings(PortalDb db, ActivityHead? head, long maxId, byte[]? key)
    {
        if (key is null && head is not null) yield break;
        if (ActivityChain.FindAlteration(head, maxId, key ?? []) is { } finding) yield return finding;
        else if (head is not null && db.Rows("SELECT \"Hash\" FROM \"Activity\" WHERE \"Id\" = $id", row => row.GetValue(0) as byte[] ?? [], ("$id", head.LastId)) is [var hash]
            && head.LastId >= head.OlderId && !hash.AsSpan().SequenceEqual(head.LastHash))
            yield return new RecordFinding(RecordFindingKind.LastRowChanged, head.LastId);
    }

    private IEnumerable<RecordFinding> KeyFindings(PortalDb db)
    {
        var entries = RecordMarks.ReadEntries(db);
        var bare = entries.Where(entry => KeyXml.Read(entry.Xml) is { } xml && KeyXml.FindKey(xml) is not null && KeyXml.FindWrap(xml) is null).ToList();
        if (bare.Count > 0) yield return new RecordFinding(RecordFindingKind.KeyNotWrapped, bare.Count);
        var unsigned = entries.Except(bare).Count(entry => !entry.IsSignedBy([certificates.Current, certificates.Previous]));
        if (unsigned > 0) yield return new RecordFinding(RecordFindingKind.KeyNotSigned, unsigned);
    }

    // The number that SQLite remembers says that there were rows, after the last one was deleted.
    private static bool IsNew(PortalDb db) =>
        Contents.All(table => db.Rows($"SELECT 1 FROM \"{table}\" LIMIT 1", row => row.GetInt32(0)).Count == 0)
        && (!db.HasTable("sqlite_sequence") || db.Rows("SELECT 1 FROM sqlite_sequence WHERE name = 'Activity' AND seq > 0", row => row.GetInt32(0)).Count == 0);

    private async Task<RecordState> FindUnmarkedAsync(
        PortalDb db, string? canary, ActivityHead? head, byte[]? key, IReadOnlyList<AnchorVerdict> verdicts, IReadOnlyList<AnchorPlace> places, CancellationToken cancellationToken)
    {
        // Earlier versions write no anchors. After a restore of their database, the newest one says so.
        var isAnchored = places.Zip(verdicts, (place, verdict) => place.Lines.Count > 0 && verdict.Newest?.Database != Guid.Empty).Any(has => has);
        if (isAnchored || canary is not (null or KeyRingProbe.CanaryText) || RecordMarks.ReadEntries(db).Any(entry => entry.Signature is not null)) return RecordState.Unmarked;
        if (head is null && !PortalDatabase.IsBeforeChain(db)) return RecordState.Unmarked;
        if (head is not null && (key is null || !CryptographicOperations.FixedTimeEquals(head.Mac, ActivityChain.Mac(key, head)))) return RecordState.Unmarked;
        if (!await AreSecretsOfEarlierVersionAsync(db, head, cancellationToken).ConfigureAwait(false)) return RecordState.Unmarked;
        return head is null ? RecordState.BeforeChain : RecordState.FirstRelease;
    }

    // Reads all of them, once in a database's life: a single one of this version's form proves that a mark was there.
    private async Task<bool> AreSecretsOfEarlierVersionAsync(PortalDb db, ActivityHead? head, CancellationToken cancellationToken)
    {
        var former = new FormerSecretBox(protection);
        var isFormer = head is not null && former.Find(head.KeyOf) is not null;
        await foreach (var (_, _, secret, destination) in StoredSecrets.ReadAllAsync(db, cancellationToken).ConfigureAwait(false))
        {
            // An interrupted start has sealed the record's own key again, and goes on.
            if (secret.Kind == SecretKind.ActivityKey || secret.Value.Ciphertext.Length == 0) continue;
            if (destination is not null && box.Find(secret, destination) is not null) return false;
            isFormer = isFormer || former.Find(secret) is not null;
        }

        return isFormer;
    }

    private byte[]? Open(ActivityHead head) => RecordMarks.Open(box, new FormerSecretBox(protection), head.KeyOf);
}
