using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using AdminPortal.Domain.Activity;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Record;

/// <summary>The result of a complete verification.</summary>
/// <param name="Lines">How many lines there are behind its beginning.</param>
/// <param name="FirstId">The first line that it covers.</param>
/// <param name="LastId">The last line that it covers.</param>
/// <param name="Fingerprint">The beginning of the last line's hash: to be compared with what was noted elsewhere.</param>
/// <param name="Break">The first place where it does not hold, as a sentence; null where it holds.</param>
/// <param name="Broken">How many places there are.</param>
/// <param name="Unproved">How many lines lie before its beginning: lines whose key was lost.</param>
/// <param name="Left">How many lines are there that were exported and are to be removed.</param>
/// <param name="Noted">Verified rows that state an alteration: number, time and text.</param>
internal sealed record ActivityCheckResult(
    long Lines, long FirstId, long LastId, string Fingerprint, string? Break, long Broken, long Unproved, long Left, IReadOnlyList<string> Noted);

/// <summary>Verifies every row of the record.</summary>
internal static class ActivityCheck
{
    /// <summary>Looks at all of it as it stands at one moment, while others go on writing.</summary>
    /// <returns>Null where there is no chain yet.</returns>
    public static async Task<ActivityCheckResult?> RunAsync(PortalDb db, Func<ActivityHead, byte[]> open, CancellationToken cancellationToken)
    {
        // One moment for the head and the lines: a transaction that only reads.
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await db.RunAsync("BEGIN DEFERRED", cancellationToken).ConfigureAwait(false);
        try
        {
            return await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false) is ({ } head, _)
                ? await RunAsync(db, head, open(head), cancellationToken).ConfigureAwait(false)
                : null;
        }
        finally
        {
            await db.RunAsync("ROLLBACK", CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task<ActivityCheckResult> RunAsync(PortalDb db, ActivityHead head, byte[] key, CancellationToken cancellationToken)
    {
        var (lines, unproved, broken, left) = (0L, 0L, 0L, 0L);
        List<string> noted = [];
        string? first = null;
        var (expected, previous) = (head.FirstId, head.FirstHash);
        var buffer = new ArrayBufferWriter<byte>(512);
        if (!Same(head.Mac, ActivityChain.Mac(key, head))) Report("The head of the record, which names its first and last row, was changed.");

        await using var command = db.Command($"SELECT {ActivityRow.Select} FROM \"Activity\" ORDER BY \"Id\"");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var (row, hash) = ActivityRow.Read(reader);
            if (row.Id < head.FirstId)
            {
                if (row.Id <= 0) Report($"{row} was put before the beginning of the record.");
                else if (row.Id > head.RemovedId) unproved++;
                // What was exported may still be on its way out.
                else left++;
                continue;
            }

            lines++;
            if (row.Id > head.LastId)
                Report($"From {row} on, rows stand behind the last one that the record knows, {Number(head.LastId)}.");
            // Numbers that were missing when the chain began are missing in it too, and then the hash fits.
            else if (!Same(hash, ActivityChain.Next(key, previous, row, buffer)))
                Report(row.Id > expected ? Missing(expected, row.Id - 1) : $"Of {row} something was changed, or it was put in another's place.");
            else if (row.IsAction(ActivityAction.RecordAltered))
                noted.Add(row.Statement);
            // On from what is stored: one row that was changed does not accuse all that follow.
            (expected, previous) = (row.Id + 1, ActivityChain.Stored(hash));
        }

        if (expected <= head.LastId) Report(Missing(expected, head.LastId));
        else if (expected == head.LastId + 1 && !Same(previous, head.LastHash)) Report("The last row is not the one that the record knows as its last.");
        return new ActivityCheckResult(lines, head.FirstId, head.LastId, Fingerprint(head.LastHash), first, broken, unproved, left, noted);

        void Report(string what)
        {
            first ??= what;
            broken++;
        }
    }

    public static string Fingerprint(byte[] hash) => Convert.ToHexStringLower(hash.AsSpan(0, Math.Min(8, hash.Length)));

    private static string Missing(long from, long to) =>
        from == to ? $"Row {Number(from)} was removed." : $"Rows {Number(from)} to {Number(to)} were removed.";

    private static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static bool Same(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => CryptographicOperations.FixedTimeEquals(left, right);
}
