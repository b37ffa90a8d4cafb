using AdminPortal.Domain.Activity;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Record;

/// <summary>
/// Lets a record go on whose head or end was changed. Nothing is chained a second time: the rows stay as they are, and
/// the complete verification goes on finding what does not fit.
/// </summary>
internal static class RecordRepair
{
    /// <summary>The head with which the record goes on, in the caller's transaction.</summary>
    public static async Task<ActivityHead> ContinueAsync(PortalDb db, ActivityKey keys, ActivityHead? head, RecordFinding alteration, CancellationToken cancellationToken)
    {
        // The head is right, and names rows that are gone: new rows get the numbers behind them.
        if (head is not null && alteration.Kind == RecordFindingKind.RowsMissing) return head;
        var (firstId, lastId, lastHash) = db.Rows(
            "SELECT (SELECT MIN(\"Id\") FROM \"Activity\"), \"Id\", \"Hash\" FROM \"Activity\" ORDER BY \"Id\" DESC LIMIT 1",
            row => (row.GetInt64(0), row.GetInt64(1), ActivityChain.Stored(row.GetValue(2) as byte[] ?? []))) is [var rows]
            ? rows : (1L, 0L, ActivityChain.Beginning);
        if (head is not null && alteration.Kind == RecordFindingKind.RowsBehind)
        {
            (head.LastId, head.LastHash) = (lastId, lastHash);
            return head;
        }

        // What the head said is not believed: all rows that there are belong to the record, and none may be removed.
        var first = Math.Max(firstId, 1);
        var next = new ActivityHead
        {
            Key = keys.SealAgain(head),
            FirstId = first,
            FirstHash = head is not null && head.FirstId == first ? ActivityChain.Stored(head.FirstHash) : ActivityChain.Beginning,
            LastId = Math.Max(lastId, first - 1),
            LastHash = lastHash,
            RemovedId = first - 1,
            Mac = [],
        };
        await db.RunAsync(
            "INSERT INTO \"ActivityHead\" (\"Id\", \"Key\", \"FirstId\", \"FirstHash\", \"LastId\", \"LastHash\", \"OlderId\", \"RemovedId\", \"Mac\") VALUES (1, $key, $first, $hash, $last, $hash, 0, 0, x'') ON CONFLICT (\"Id\") DO UPDATE SET \"Key\" = excluded.\"Key\"",
            cancellationToken, ("$key", next.Key.Ciphertext), ("$first", next.FirstId), ("$hash", next.FirstHash), ("$last", next.LastId)).ConfigureAwait(false);
        return next;
    }
}
