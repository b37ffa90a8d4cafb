using System.Globalization;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Record;

/// <summary>The result of comparing the record with the anchors of one place.</summary>
/// <param name="Newest">The newest anchor with a valid signature; null if no anchor has one.</param>
/// <param name="Place">Where that anchor is.</param>
/// <param name="Findings">Where the record and the anchors differ.</param>
internal sealed record AnchorVerdict(RecordAnchor? Newest, string? Place, IReadOnlyList<RecordFinding> Findings);

/// <summary>
/// Compares the record with anchors. Only the newest genuine anchor counts: its hash covers everything before it. Anchors
/// that do not verify are reported when they claim to be newer, and never decide.
/// </summary>
internal static class AnchorComparison
{
    /// <summary>Compares. The connection has to be open, in the transaction in which the head was read.</summary>
    /// <param name="db">The database.</param>
    /// <param name="place">One file or directory with anchors.</param>
    /// <param name="databaseId">The database's id; null where it has no mark.</param>
    /// <param name="head">The record's head; null where it has none.</param>
    /// <param name="key">The record's key; null where it does not open.</param>
    /// <param name="certificates">What is configured.</param>
    public static AnchorVerdict Compare(PortalDb db, AnchorPlace place, Guid? databaseId, ActivityHead? head, byte[]? key, KeyRingCertificates certificates)
    {
        List<RecordFinding> findings = [];
        var lines = place.Lines;
        var genuine = lines.Where(line => line.Anchor?.IsGenuine(key, certificates) == true).OrderBy(line => line.Anchor!.Serial).ThenBy(line => line.Anchor!.Sequence).ToList();
        var own = genuine.Where(line => line.Anchor!.Database == databaseId || line.Anchor.Database == Guid.Empty || databaseId is null).ToList();
        var newest = (own.Count > 0 ? own : genuine).LastOrDefault();
        findings.AddRange(lines.Where(line => line.Anchor is null).Select(line => new RecordFinding(RecordFindingKind.AnchorDamaged, line.Place)).Take(1));
        findings.AddRange(lines.Except(genuine).Where(line => line.Anchor is { } other && (newest is null || other.Serial > newest.Anchor!.Serial))
            .Select(line => new RecordFinding(RecordFindingKind.AnchorNotGenuine, line.Place)).Take(1));
        if (newest?.Anchor is not { } anchor)
        {
            if (place.MustHaveAnchors && head is { LastId: > 0 }) findings.Add(new RecordFinding(RecordFindingKind.AnchorsMissing, place.Path));
            return new AnchorVerdict(null, null, findings);
        }

        if (own.Count == 0) findings.Add(new RecordFinding(RecordFindingKind.AnchorOfAnotherDatabase, newest.Place, Time(anchor)));
        else if (head is not null && anchor.Sequence > 0 && Find(db, head, anchor) is { } kind)
            findings.Add(kind == RecordFindingKind.AnchorAhead ? new RecordFinding(kind, newest.Place, anchor.Sequence, Time(anchor), head.LastId) : new RecordFinding(kind, newest.Place, anchor.Sequence, Time(anchor)));
        else if (anchor.Generation is { } generation && !(PortalDatabase.ReadGeneration(db) >= generation))
            findings.Add(new RecordFinding(RecordFindingKind.AnchorNewer, newest.Place, Time(anchor)));
        return new AnchorVerdict(anchor, newest.Place, findings);
    }

    private static RecordFindingKind? Find(PortalDb db, ActivityHead head, RecordAnchor anchor)
    {
        if (anchor.Sequence > head.LastId) return RecordFindingKind.AnchorAhead;
        var hash = db.Rows("SELECT \"Hash\" FROM \"Activity\" WHERE \"Id\" = $id", row => row.GetValue(0) as byte[] ?? [], ("$id", anchor.Sequence)).SingleOrDefault();
        // Retention may have removed the row since.
        if (hash is null && anchor.Sequence < head.FirstId - 1) return null;
        hash ??= anchor.Sequence == head.FirstId - 1 ? head.FirstHash : [];
        return Convert.ToHexStringLower(hash) == anchor.Hash ? null : RecordFindingKind.AnchorDiffers;
    }

    private static string Time(RecordAnchor anchor) => anchor.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
