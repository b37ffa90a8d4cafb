using System.Text.Json;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Sync;

/// <summary>Adds instances that a sync has found only on the platform.</summary>
public sealed class PlatformAdoption(IDbContextFactory<PortalDb> databases, ChangeFeed feed, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    private const int NewAtOnce = 5000;

    // One statement for a whole stretch: before each statement SQLite writes out what its text index holds in memory, so
    // that row by row this takes three times as long.
    private const string Insert =
        """
        INSERT INTO Instances (Id, PlatformAccountId, PlatformId, ElementKey, Name, NameKey, Tags, PortalTag, AccountServer, ServerKey, SearchKey, Token, State,
            Attention, HasLegacyKey, RefreshedAt, RefreshIntervalSeconds, CreatedAt, LastCheckedAt, Version)
        SELECT r.InstanceId, $account, r.PlatformId, r.ElementKey, json_extract(k.value, '$[1]'), json_extract(k.value, '$[2]'), coalesce(r.Tags, '[]'), r.PortalTag,
            r.AccountServer, json_extract(k.value, '$[3]'), json_extract(k.value, '$[4]'), r.Token, r.State, CASE WHEN r.State = 'NeedsAttention' THEN 'NotValid' END,
            r.HasLegacyKey, r.RefreshedAt, r.RefreshIntervalSeconds, min(coalesce(r.CreatedAt, $listed), $listed), $listed, 0
        FROM json_each($rows) k CROSS JOIN SyncRows r
        WHERE r.RunId = $run AND r.PlatformId = json_extract(k.value, '$[0]')
        ON CONFLICT (PlatformAccountId, PlatformId) DO NOTHING
        """;

    private const string FindNew =
        """
        SELECT d.PlatformId, d.RunId, d.Id, d.Name, r.Tags, r.AccountServer, r.RunId IS NOT NULL, r.Token IS NOT NULL, s.StartedAt
        FROM Drift d LEFT JOIN SyncRows r ON r.RunId = d.RunId AND r.PlatformId = d.PlatformId AND r.InstanceId = d.Id LEFT JOIN SyncRuns s ON s.Id = d.RunId
        WHERE d.PlatformAccountId = $account AND d.Kind = 'OnlyOnPlatform' AND d.PlatformId > $after
            AND ($ids IS NULL AND NOT d.Ignored OR d.Id IN (SELECT value FROM json_each($ids)))
        ORDER BY d.PlatformId LIMIT $limit
        """;

    /// <summary>Adds what is only on the platform, from the rows of the sync that listed it: names and tokens need not be fetched again.</summary>
    internal async Task AddAsync(PlatformAccount account, DriftSelection selection, Actor actor, DriftTally tally, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var after = long.MinValue;
        while (true)
        {
            // Read under the lock: a sync that completes just now replaces differences and rows.
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            var rows = await FindNewAsync(db, account, selection, after, cancellationToken).ConfigureAwait(false);
            if (rows.Count == 0) return;
            after = rows[^1].PlatformId;
            var added = await InsertAsync(db, account, rows, tally, cancellationToken).ConfigureAwait(false);
            if (added.Count == 0) continue;

            var now = clock.GetUtcNow();
            if (added.Count == 1 && rows.Count == 1)
                db.Note(actor, now, ActivityAction.InstanceAdopted, added[0].Name, instanceId: added[0].Id, accountId: account.Id);
            else
                db.Note(actor, now, ActivityAction.InstanceAdopted, account.Name, detail: texts["Drift.Adopted", added.Count], accountId: account.Id);
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            db.ChangeTracker.Clear();
            tally.Add(added.Count);
            feed.Publish(ChangeTopic.Sync, account.Id);
        }
    }

    private static async Task<List<NewRow>> FindNewAsync(
        PortalDb db, PlatformAccount account, DriftSelection selection, long after, CancellationToken cancellationToken)
    {
        await using var find = db.Command(
            FindNew, ("$account", account.Id), ("$after", after), ("$limit", NewAtOnce),
            // As the column holds them.
            ("$ids", selection.Ids is { } ids ? JsonSerializer.Serialize(ids.Select(id => id.ToString().ToUpperInvariant())) : null));
        await using var reader = await find.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<NewRow>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(new NewRow(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3), reader.GetBoolean(6), reader.GetBoolean(7),
                reader.IsDBNull(4) ? [] : JsonColumn.Read<List<string>>(reader.GetString(4)),
                reader.IsDBNull(5) ? null : reader.GetString(5), reader.IsDBNull(8) ? 0 : reader.GetInt64(8)));
        }

        return rows;
    }

    private async Task<List<NewRow>> InsertAsync(PortalDb db, PlatformAccount account, List<NewRow> rows, DriftTally tally, CancellationToken cancellationToken)
    {
        var added = new List<NewRow>(rows.Count);
        foreach (var row in rows)
        {
            if (row is { IsListed: true, HasToken: true }) added.Add(row);
            else tally.Leave(row.IsListed ? texts["Drift.NoToken", row.Name] : texts["Drift.NotListed", row.Name]);
        }

        foreach (var run in added.GroupBy(row => (row.RunId, row.Listed)))
        {
            // One that is known by now is no difference any more either.
            await db.RunAsync(
                Insert, cancellationToken, ("$account", account.Id), ("$run", run.Key.RunId), ("$listed", run.Key.Listed), ("$rows", JsonSerializer.Serialize(run.Select(Values))))
                .ConfigureAwait(false);
        }

        await db.RunAsync(
            "DELETE FROM Drift WHERE PlatformAccountId = $account AND PlatformId IN (SELECT value FROM json_each($ids))",
            cancellationToken, ("$account", account.Id), ("$ids", JsonSerializer.Serialize(added.Select(row => row.PlatformId)))).ConfigureAwait(false);
        return added;
    }

    /// <summary>What the statement cannot compute by itself.</summary>
    private static object[] Values(NewRow row)
    {
        var keys = ElementInstance.KeysOf(row.Name, row.Tags, row.AccountServer, row.PlatformId);
        return [row.PlatformId, row.Name, keys.NameKey, keys.ServerKey, keys.SearchKey];
    }

    private sealed record NewRow(
        long PlatformId, Guid RunId, Guid Id, string Name, bool IsListed, bool HasToken, List<string> Tags, string? AccountServer, long Listed);
}
