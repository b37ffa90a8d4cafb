using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Sync;

/// <summary>Compares what a complete sync listed with what the portal knows, and stores the differences in one transaction.</summary>
/// <remarks>
/// The sync took its time, and the portal went on meanwhile. What changed here since a row was read is newer than the
/// row: every statement that relies on a row asks whether the instance still has the version that it had then, and one
/// that was removed since is no difference. Such an instance is compared by the next sync. The versions are not raised
/// by what the listing tells of it: a person who is saving the same instance just then is not to be turned away.
/// </remarks>
internal sealed class SyncComparison(
    IDbContextFactory<PortalDb> databases, ElementCatalog catalog, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    private const int RowsAtOnce = 5000;

    private const string InScope = "($all OR i.ElementKey IN (SELECT value FROM json_each($elements)))";

    private const string End =
        """
        UPDATE SyncRuns SET State = 'Complete', EndedAt = $now, Counted = $counted, Unproved = $unproved, Message = $message, ClaimedBy = NULL, LeaseUntil = NULL, Version = Version + 1
        WHERE Id = $run AND State = 'Running' AND ClaimedBy = $claim
        """;

    // Of the instances that are known and were listed, those of which one field may differ: the sets of tags are compared in C#.
    private const string FindChanged =
        $"""
        SELECT i.Id, i.PlatformId, i.ElementKey, i.Name, i.Tags, i.State, i.AccountServer, r.Name, r.Tags, r.State, r.AccountServer
        FROM SyncRows r JOIN Instances i ON i.PlatformAccountId = $account AND i.PlatformId = r.PlatformId
        WHERE r.RunId = $run AND i.Version = r.KnownVersion AND {InScope} AND (
            (r.Name <> '' AND r.Name <> i.Name) OR (r.Tags IS NOT NULL AND r.Tags <> i.Tags) OR (r.State = 'Disabled') <> (i.State = 'Disabled')
            OR (r.AccountServer IS NOT NULL AND r.AccountServer IS NOT i.AccountServer))
        """;

    private const string Refresh =
        $"""
        UPDATE Instances AS i SET
            LastCheckedAt = max(i.LastCheckedAt, $started),
            RefreshedAt = coalesce(r.RefreshedAt, i.RefreshedAt),
            RefreshIntervalSeconds = coalesce(r.RefreshIntervalSeconds, i.RefreshIntervalSeconds),
            HasLegacyKey = r.HasLegacyKey,
            Token = coalesce(r.Token, i.Token)
        FROM SyncRows r
        WHERE r.RunId = $run AND i.PlatformAccountId = $account AND i.PlatformId = r.PlatformId AND i.Version = r.KnownVersion AND {InScope}
        """;

    // One that was missing and is listed again.
    private const string Found =
        $"""
        UPDATE Instances AS i SET State = r.State, Attention = CASE WHEN r.State = 'NeedsAttention' THEN 'NotValid' END, AttentionMessage = NULL, Version = i.Version + 1
        FROM SyncRows r
        WHERE r.RunId = $run AND i.PlatformAccountId = $account AND i.PlatformId = r.PlatformId AND i.State = 'MissingOnPlatform' AND i.Version = r.KnownVersion AND {InScope}
        """;

    // Known here, there before the sync, and not listed. One that the portal heard of while the pages were read needs no question.
    private const string Unlisted =
        $"""
        FROM Instances i
        WHERE i.PlatformAccountId = $account AND i.PlatformId > $after AND i.State <> 'MissingOnPlatform' AND i.CreatedAt <= $started AND i.LastCheckedAt <= $started
            AND {InScope} AND NOT EXISTS (SELECT 1 FROM SyncRows r WHERE r.RunId = $run AND r.PlatformId = i.PlatformId)
        """;

    private const string InsertDrift =
        "INSERT INTO Drift (Id, PlatformAccountId, RunId, Kind, PlatformId, Name, ElementKey, Fields, Fingerprint, Ignored, Version)";

    // What was set aside stays so while it is the same difference.
    private const string OnConflict =
        """
        ON CONFLICT (PlatformAccountId, PlatformId) DO UPDATE SET Id = excluded.Id, RunId = excluded.RunId, Kind = excluded.Kind, Name = excluded.Name,
            ElementKey = excluded.ElementKey, Fields = excluded.Fields, Ignored = Ignored AND Fingerprint = excluded.Fingerprint,
            Fingerprint = excluded.Fingerprint, Version = Version + 1
        """;

    private const string OnlyHere =
        $"""
        {InsertDrift}
        SELECT i.Id, $account, $run, 'OnlyHere', i.PlatformId, i.Name, i.ElementKey, '[]', 'OnlyHere', 0, 0
        FROM Instances i
        WHERE i.PlatformAccountId = $account AND i.State = 'MissingOnPlatform' AND {InScope}
            AND NOT EXISTS (SELECT 1 FROM SyncRows r WHERE r.RunId = $run AND r.PlatformId = i.PlatformId)
        {OnConflict}
        """;

    private const string OnlyOnPlatform =
        $"""
        {InsertDrift}
        SELECT r.InstanceId, $account, $run, 'OnlyOnPlatform', r.PlatformId, CASE r.Name WHEN '' THEN CAST(r.PlatformId AS TEXT) ELSE r.Name END, r.ElementKey,
            '[]', 'OnlyOnPlatform', 0, 0
        FROM SyncRows r
        WHERE r.RunId = $run AND r.KnownVersion IS NULL
            AND NOT EXISTS (SELECT 1 FROM Instances i WHERE i.PlatformAccountId = $account AND i.PlatformId = r.PlatformId)
        {OnConflict}
        """;

    private const string Changed =
        $"""
        {InsertDrift}
        VALUES ($id, $account, $run, 'Changed', $platformId, $name, $element, $fields, $fingerprint, 0, 0)
        {OnConflict}
        """;

    // A decision on an instance that could not be compared this time is kept for the next.
    private const string CarryOver =
        """
        UPDATE Drift AS d SET RunId = $run
        FROM SyncRows r JOIN Instances i ON i.PlatformAccountId = $account AND i.PlatformId = r.PlatformId
        WHERE d.PlatformAccountId = $account AND d.PlatformId = r.PlatformId AND d.Ignored AND d.RunId <> $run AND r.RunId = $run AND i.Version IS NOT r.KnownVersion
        """;

    /// <summary>Ends a run as complete, with everything that follows from it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="account">Its account.</param>
    /// <param name="claim">The claim under which it was read.</param>
    /// <param name="counted">What the platform counted; null where it does not count.</param>
    /// <param name="absence">What asking for the instances that were not listed came to.</param>
    /// <param name="cancellationToken">Gives up; nothing is written then.</param>
    /// <returns>Whether it is done; not where the run was called off or taken over.</returns>
    public async Task<bool> CompleteAsync(
        SyncRun run, PlatformAccount account, Guid claim, int? counted, SyncAbsence absence, CancellationToken cancellationToken)
    {
        var message = absence.Unproved == 0 ? null : OutsideText.Clean(texts["Sync.Unproved", absence.Unproved, absence.Reason ?? ""], SyncRun.MaxMessageLength);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var ended = await db.RunAsync(
            End, cancellationToken, ("$now", now.UtcTicks), ("$counted", counted), ("$unproved", absence.Unproved), ("$message", message), ("$run", run.Id), ("$claim", claim))
            .ConfigureAwait(false);
        if (ended == 0) return false;

        var scope = Scope(run, account);
        (string, object?)[] since = [.. scope, ("$started", run.StartedAt.UtcTicks)];
        // The differences come first: what follows raises versions, and then nothing could be compared.
        await WriteChangedAsync(db, run, account, scope, cancellationToken).ConfigureAwait(false);
        await db.RunAsync(CarryOver, cancellationToken, scope[..2]).ConfigureAwait(false);
        await db.RunAsync(Refresh, cancellationToken, since).ConfigureAwait(false);
        await db.RunAsync(Found, cancellationToken, scope).ConfigureAwait(false);
        await db.RunAsync(OnlyHere, cancellationToken, scope).ConfigureAwait(false);
        await db.RunAsync(OnlyOnPlatform, cancellationToken, scope[..2]).ConfigureAwait(false);
        // What is left from the run before is settled, or belongs to elements that were not asked for this time.
        await db.Drift.Where(item => item.PlatformAccountId == account.Id && item.RunId != run.Id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);

        var differences = await db.Drift.CountAsync(item => item.PlatformAccountId == account.Id && !item.Ignored, cancellationToken).ConfigureAwait(false);
        db.Note(
            new Actor(run.PersonId, run.PersonName), now, ActivityAction.SyncEnded, account.Name,
            detail: message ?? differences switch { 0 => texts["Sync.NoDifference"], 1 => texts["Sync.OneDifference"], _ => texts["Sync.Differences", differences] },
            accountId: account.Id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Instances that are known here and were not listed, by the platform's id.</summary>
    /// <param name="run">The run.</param>
    /// <param name="account">Its account.</param>
    /// <param name="after">The platform's id behind which they begin.</param>
    /// <param name="count">The most that are read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<SyncUnlisted>> FindUnlistedAsync(SyncRun run, PlatformAccount account, long after, int count, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var find = db.Command(
            $"SELECT i.Id, i.PlatformId, i.Version {Unlisted} ORDER BY i.PlatformId LIMIT $count",
            [.. Scope(run, account), ("$started", run.StartedAt.UtcTicks), ("$after", after), ("$count", count)]);
        await using var reader = await find.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var found = new List<SyncUnlisted>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) found.Add(new SyncUnlisted(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt32(2)));
        return found;
    }

    /// <summary>How many instances there are that are known here and were not listed.</summary>
    public async Task<int> CountUnlistedAsync(SyncRun run, PlatformAccount account, long after, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var count = db.Command($"SELECT COUNT(*) {Unlisted}", [.. Scope(run, account), ("$started", run.StartedAt.UtcTicks), ("$after", after)]);
        return Convert.ToInt32(await count.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    private (string, object?)[] Scope(SyncRun run, PlatformAccount account) =>
        [("$run", run.Id), ("$account", account.Id), ("$all", run.AllElements), ("$elements", JsonSerializer.Serialize(catalog.All.Select(element => element.Key)))];

    /// <summary>Removes the rows of runs that ended, but for the last complete one, from which instances are adopted.</summary>
    public async Task RemoveOldRowsAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var kept = await db.SyncRuns.Where(run => run.PlatformAccountId == accountId && run.State == SyncState.Complete)
            .OrderByDescending(run => run.StartedAt).ThenByDescending(run => run.Id).Select(run => (Guid?)run.Id).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var old = await db.SyncRuns.Where(run => run.PlatformAccountId == accountId && run.State != SyncState.Running && run.Id != kept
                && db.SyncRows.Any(row => row.RunId == run.Id))
            .Select(run => run.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        foreach (var run in old)
        {
            // A stretch at a time: others write too.
            while (await db.RunAsync(
                $"DELETE FROM SyncRows WHERE RunId = $run AND PlatformId IN (SELECT PlatformId FROM SyncRows WHERE RunId = $run ORDER BY PlatformId LIMIT {RowsAtOnce})",
                cancellationToken, ("$run", run)).ConfigureAwait(false) == RowsAtOnce)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task WriteChangedAsync(
        PortalDb db, SyncRun run, PlatformAccount account, (string, object?)[] scope, CancellationToken cancellationToken)
    {
        await using var changed = db.Command(Changed, ("$account", account.Id), ("$run", run.Id));
        DbParameter id = changed.Add("$id"), platformId = changed.Add("$platformId"), name = changed.Add("$name"), element = changed.Add("$element"),
            fields = changed.Add("$fields"), fingerprint = changed.Add("$fingerprint");
        await using var find = db.Command(FindChanged, scope);
        await using var reader = await find.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var differing = SyncDifferences.Between(ReadSide(reader, 7), ReadSide(reader, 3));
            if (differing.Count == 0) continue;
            id.Set(reader.GetGuid(0));
            platformId.Set(reader.GetInt64(1));
            element.Set(reader.GetString(2));
            name.Set(reader.GetString(3));
            fields.Set(JsonColumn.Write(differing));
            fingerprint.Set(SyncDifferences.Fingerprint(differing));
            await changed.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static SyncDifferences.Side ReadSide(DbDataReader reader, int at) => new(
        reader.GetString(at),
        reader.IsDBNull(at + 1) ? null : JsonColumn.Read<List<string>>(reader.GetString(at + 1)),
        Enum.Parse<InstanceState>(reader.GetString(at + 2)),
        reader.IsDBNull(at + 3) ? null : reader.GetString(at + 3));
}

/// <summary>An instance that is known here and was not listed.</summary>
/// <param name="InstanceId">The portal's id.</param>
/// <param name="PlatformId">The platform's id.</param>
/// <param name="Version">The version of its row when it was read.</param>
internal sealed record SyncUnlisted(Guid InstanceId, long PlatformId, int Version);
