using System.Data.Common;
using System.Text.Json;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Sync;

/// <summary>Keeps one page of a listing: its rows, and in the same transaction the cursor of the next page.</summary>
/// <remarks>
/// A process that is killed leaves either both or neither behind, so the next one misses nothing and doubles nothing.
/// The statements are written out: a hundred thousand rows are to be kept about as fast as they are fetched.
/// </remarks>
internal sealed class SyncPageWriter(IDbContextFactory<PortalDb> databases, ISecretBox secrets, ElementCatalog catalog, TimeProvider clock)
{
    private const string FindKnown =
        """
        SELECT listed.value, i.Id, i.Version, i.PortalTag, i.HasLegacyKey, i.ElementKey, r.InstanceId, d.Id
        FROM json_each($ids) listed
        LEFT JOIN Instances i ON i.PlatformAccountId = $account AND i.PlatformId = listed.value
        LEFT JOIN SyncRows r ON r.RunId = $run AND r.PlatformId = listed.value
        LEFT JOIN Drift d ON d.PlatformAccountId = $account AND d.PlatformId = listed.value
        """;

    private const string MoveOn =
        """
        UPDATE SyncRuns SET NextPage = $next, Pages = Pages + 1, Seen = Seen + $new, LeaseUntil = $lease, Version = Version + 1
        WHERE Id = $run AND State = 'Running' AND ClaimedBy = $claim AND Pages = $pages
        """;

    private const string Renew =
        """
        UPDATE SyncRuns SET LeftOut = LeftOut + $found, LeaseUntil = $lease, Version = Version + 1 WHERE Id = $run AND State = 'Running' AND ClaimedBy = $claim
        """;

    // The version: one that was changed here meanwhile is not overwritten; the next sync asks for it again.
    private const string Missing =
        """
        UPDATE Instances SET State = 'MissingOnPlatform', Attention = NULL, AttentionMessage = NULL, LastCheckedAt = $now, Version = Version + 1
        WHERE Id = $id AND Version = $version
        """;

    private const string Keep =
        """
        INSERT OR REPLACE INTO SyncRows (RunId, PlatformId, InstanceId, ElementKey, Name, Tags, PortalTag, AccountServer, Token, State, HasLegacyKey,
            RefreshedAt, RefreshIntervalSeconds, CreatedAt, KnownVersion)
        VALUES ($run, $platformId, $id, $element, $name, $tags, $portalTag, $server, $token, $state, $legacy, $refreshed, $interval, $created, $version)
        """;

    /// <summary>Keeps a page.</summary>
    /// <param name="run">The run, as it was claimed.</param>
    /// <param name="origin">Where the listing came from: the tokens in it may be sent there.</param>
    /// <param name="claim">The claim under which it is worked on.</param>
    /// <param name="pages">Pages that were kept before.</param>
    /// <param name="page">What the platform listed.</param>
    /// <param name="others">Ids of instances that are counted but not kept, as far as they were seen; the page's are added.</param>
    /// <param name="cancellationToken">Gives up; nothing of the page is kept then.</param>
    /// <returns>How many of its instances had not been listed before; null where the run is not ours any more.</returns>
    public async Task<int?> WriteAsync(
        SyncRun run, SecretOrigin origin, Guid claim, int pages, PlatformInstancePage page, HashSet<long> others, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

        // Twice on one page: the last word counts.
        var listed = page.Instances.GroupBy(instance => instance.Id).ToDictionary(group => group.Key, group => group.Last());
        var known = await FindKnownAsync(db, run, listed.Keys, cancellationToken).ConfigureAwait(false);
        var rows = new List<SyncRow>(listed.Count);
        var foreign = new List<long>();
        var seen = 0;
        foreach (var instance in listed.Values)
        {
            var match = known[instance.Id];
            if (Row(run, origin, instance, match) is { } row)
            {
                rows.Add(row);
                if (match.ListedAs is null) seen++;
            }
            else
            {
                foreign.Add(instance.Id);
                if (!others.Contains(instance.Id)) seen++;
            }
        }

        // Sealing takes the most time: it is over before others have to wait for the database.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var moved = await db.RunAsync(
            MoveOn, cancellationToken,
            ("$next", page.NextPage), ("$new", seen), ("$lease", (clock.GetUtcNow() + SyncRunner.Lease).UtcTicks), ("$run", run.Id), ("$claim", claim), ("$pages", pages))
            .ConfigureAwait(false);
        if (moved == 0) return null;
        await KeepAsync(db, run, rows, cancellationToken).ConfigureAwait(false);
        await MarkLateFindsAsync(db, run, rows, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        others.UnionWith(foreign);
        return seen;
    }

    /// <summary>Stores what asking for instances that were not listed came to.</summary>
    /// <param name="run">The run.</param>
    /// <param name="origin">The origin that the tokens may be sent to.</param>
    /// <param name="claim">The claim under which it is worked on.</param>
    /// <param name="missing">Those that the platform does not have: it answered 404.</param>
    /// <param name="found">Those that it has: they count as listed.</param>
    /// <param name="cancellationToken">Gives up; nothing is stored then.</param>
    /// <returns>False where the run is not this process's any more; then nothing is stored.</returns>
    public async Task<bool> WriteProofAsync(
        SyncRun run, SecretOrigin origin, Guid claim, IReadOnlyList<SyncUnlisted> missing, IReadOnlyList<PlatformInstance> found, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var known = await FindKnownAsync(db, run, found.Select(instance => instance.Id), cancellationToken).ConfigureAwait(false);
        var rows = found.Select(instance => Row(run, origin, instance, known[instance.Id])).OfType<SyncRow>().ToList();
        var now = clock.GetUtcNow();

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var renewed = await db.RunAsync(
            Renew, cancellationToken, ("$found", rows.Count), ("$lease", (now + SyncRunner.Lease).UtcTicks), ("$run", run.Id), ("$claim", claim)).ConfigureAwait(false);
        if (renewed == 0) return false;
        foreach (var unlisted in missing)
        {
            await db.RunAsync(Missing, cancellationToken, ("$now", now.UtcTicks), ("$id", unlisted.InstanceId), ("$version", unlisted.Version)).ConfigureAwait(false);
        }

        await KeepAsync(db, run, rows, cancellationToken).ConfigureAwait(false);
        await MarkLateFindsAsync(db, run, rows, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static async Task<Dictionary<long, Known>> FindKnownAsync(PortalDb db, SyncRun run, IEnumerable<long> ids, CancellationToken cancellationToken)
    {
        await using var command = db.Command(
            FindKnown, ("$ids", JsonSerializer.Serialize(ids)), ("$account", run.PlatformAccountId), ("$run", run.Id));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var known = new Dictionary<long, Known>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            known[reader.GetInt64(0)] = new Known(
                reader.IsDBNull(1) ? null : new KnownInstance(
                    reader.GetGuid(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetBoolean(4), reader.GetString(5)),
                reader.IsDBNull(6) ? null : reader.GetGuid(6),
                reader.IsDBNull(7) ? null : reader.GetGuid(7));
        }

        return known;
    }

    /// <summary>
    /// An instance may carry the tag of an attempt that ended because nothing was found. Such an attempt becomes due, and the worker ends
    /// it with this instance: also with one that a person has adopted since.
    /// </summary>
    private async Task MarkLateFindsAsync(PortalDb db, SyncRun run, IEnumerable<SyncRow> listed, CancellationToken cancellationToken)
    {
        var ids = listed.Select(row => AttemptOf(row.PortalTag)).OfType<Guid>().Distinct().ToList();
        if (ids.Count == 0) return;
        var ended = await db.Attempts.AsNoTracking()
            .Where(row => EF.Parameter(ids).Contains(row.Id) && row.PlatformAccountId == run.PlatformAccountId && row.State == AttemptState.Failed)
            .Select(row => new { row.Id, row.Ending }).ToListAsync(cancellationToken).ConfigureAwait(false);
        var late = ended.Where(row => row.Ending?.Reason == EndingReason.NothingCreated).Select(row => row.Id).ToList();
        if (late.Count == 0) return;
        var now = clock.GetUtcNow();
        await db.Attempts.Where(row => EF.Parameter(late).Contains(row.Id) && row.State == AttemptState.Failed)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.NextAt, now).SetProperty(row => row.Version, row => row.Version + 1), cancellationToken)
            .ConfigureAwait(false);
    }

    private static Guid? AttemptOf(string? tag) =>
        tag is not null && Guid.TryParse(tag.AsSpan(ProvisioningAttempt.PortalTagPrefix.Length), out var id) ? id : null;

    private static async Task KeepAsync(PortalDb db, SyncRun run, List<SyncRow> rows, CancellationToken cancellationToken)
    {
        await using var keep = db.Command(Keep, ("$run", run.Id));
        DbParameter platformId = keep.Add("$platformId"), id = keep.Add("$id"), element = keep.Add("$element"), name = keep.Add("$name"), tags = keep.Add("$tags"),
            portalTag = keep.Add("$portalTag"), server = keep.Add("$server"), token = keep.Add("$token"), state = keep.Add("$state"), legacy = keep.Add("$legacy"),
            refreshed = keep.Add("$refreshed"), interval = keep.Add("$interval"), created = keep.Add("$created"), version = keep.Add("$version");
        foreach (var row in rows)
        {
            platformId.Set(row.PlatformId);
            id.Set(row.InstanceId);
            element.Set(row.ElementKey);
            name.Set(row.Name);
            tags.Set(row.Tags is null ? null : JsonColumn.Write(row.Tags));
            portalTag.Set(row.PortalTag);
            server.Set(row.AccountServer);
            token.Set(row.Token?.Ciphertext);
            state.Set(row.State.ToString());
            legacy.Set(row.HasLegacyKey);
            refreshed.Set(row.RefreshedAt?.UtcTicks);
            interval.Set(row.RefreshIntervalSeconds);
            created.Set(row.CreatedAt?.UtcTicks);
            version.Set(row.KnownVersion);
            await keep.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The row to be kept; null for an instance that is counted only.</summary>
    private SyncRow? Row(SyncRun run, SecretOrigin origin, PlatformInstance instance, Known match)
    {
        // An element that a listing leaves out is the one that is known; without any, it could not be adopted.
        var element = instance.ElementKey ?? match.Instance?.ElementKey;
        if (element is null) return null;
        if (!run.AllElements && catalog.Find(match.Instance?.ElementKey ?? element) is null) return null;

        // The id is the same one every time, so that a page with differences stays good when the next sync has run.
        var id = match.Instance?.Id ?? match.ListedAs ?? match.DriftId ?? Guid.CreateVersion7(clock.GetUtcNow());
        var own = OwnTag(instance, match.Instance);
        return new SyncRow
        {
            RunId = run.Id,
            PlatformId = instance.Id,
            InstanceId = id,
            ElementKey = element,
            Name = instance.Name ?? "",
            Tags = instance.Tags?.Where(tag => tag != own).ToList(),
            PortalTag = own,
            AccountServer = instance.AccountServer,
            Token = string.IsNullOrEmpty(instance.Token) ? null : secrets.Seal(SecretKind.InstanceToken, id, origin, instance.Token),
            State = InstanceStates.From(instance),
            // Without its configuration the answer says nothing of a key in it.
            HasLegacyKey = instance.HasLegacyKey(catalog) || (instance.Configuration.Count == 0 && match.Instance?.HasLegacyKey == true),
            RefreshedAt = instance.RefreshedAt,
            RefreshIntervalSeconds = instance.RefreshIntervalSeconds,
            CreatedAt = instance.CreatedAt,
            KnownVersion = match.Instance?.Version,
        };
    }

    // The one that is known; otherwise the first that a portal has left there, this one or another.
    private static string? OwnTag(PlatformInstance listed, KnownInstance? known)
    {
        if (listed.Tags is not { } tags) return null;
        if (known?.PortalTag is { } own && tags.Contains(own)) return own;
        return tags.FirstOrDefault(tag => tag.StartsWith(ProvisioningAttempt.PortalTagPrefix, StringComparison.Ordinal) && tag.Length <= MaxPortalTagLength);
    }

    private const int MaxPortalTagLength = 64;

    private sealed record Known(KnownInstance? Instance, Guid? ListedAs, Guid? DriftId);

    private sealed record KnownInstance(Guid Id, int Version, string? PortalTag, bool HasLegacyKey, string ElementKey);
}
