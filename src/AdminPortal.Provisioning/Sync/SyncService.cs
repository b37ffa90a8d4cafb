using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Sync;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Sync;

/// <summary>Syncs of platform accounts: start, cancel, look at; and what they found.</summary>
public sealed class SyncService(
    IDbContextFactory<PortalDb> databases, ElementCatalog catalog, ChangeFeed feed, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, Gate gate)
{
    /// <summary>Begins a sync; the worker does it. While one runs for the account, that one is the answer.</summary>
    /// <param name="accountId">The platform account.</param>
    /// <param name="allElements">Whether instances of elements that the catalog does not know are compared too.</param>
    /// <param name="actor">Who begins it.</param>
    /// <param name="cancellationToken">Gives up; nothing is begun then.</param>
    /// <returns>The run's id.</returns>
    public async Task<Result<Guid>> StartAsync(Guid accountId, bool allElements, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Synchronize, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == accountId, cancellationToken).ConfigureAwait(false);
        if (account is null) return new Problem(ProblemKind.NotFound, texts["Account.Gone"]);
        if (await FindRunningAsync(db, accountId, cancellationToken).ConfigureAwait(false) is { } running) return running;

        var now = clock.GetUtcNow();
        var run = new SyncRun
        {
            Id = Guid.CreateVersion7(now),
            PlatformAccountId = accountId,
            AllElements = allElements,
            StartedAt = now,
            PersonId = actor.PersonId,
            PersonName = OutsideText.Clean(actor.Name, ActivityEntry.MaxSubjectLength),
        };
        db.SyncRuns.Add(run);
        db.Note(actor, now, ActivityAction.SyncStarted, account.Name, accountId: accountId);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException exception) when (ConstraintViolation.IsUnique(exception))
        {
            // Somebody else began one at the same moment, and the index let that one in.
            db.ChangeTracker.Clear();
            return await FindRunningAsync(db, accountId, cancellationToken).ConfigureAwait(false) is { } other
                ? other
                : new Problem(ProblemKind.NotNow, texts["Sync.JustEnded"]);
        }

        feed.PublishWork(ChangeTopic.Sync, accountId);
        return run.Id;
    }

    /// <summary>Calls a running sync off; it marks nothing. The page that is under way is not kept.</summary>
    public async Task<Result<Done>> CancelAsync(Guid runId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Synchronize, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var run = await db.SyncRuns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == runId, cancellationToken).ConfigureAwait(false);
        if (run is null) return new Problem(ProblemKind.NotFound, texts["Sync.Gone"]);
        var now = clock.GetUtcNow();
        var name = await db.Accounts.Where(row => row.Id == run.PlatformAccountId).Select(row => row.Name).SingleAsync(cancellationToken).ConfigureAwait(false);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // The worker's own writes ask for a running run: whichever comes first decides.
        var cancelled = await db.SyncRuns.Where(row => row.Id == runId && row.State == SyncState.Running).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, SyncState.Cancelled)
                .SetProperty(row => row.EndedAt, now)
                .SetProperty(row => row.ClaimedBy, (Guid?)null)
                .SetProperty(row => row.LeaseUntil, (DateTimeOffset?)null)
                .SetProperty(row => row.Version, row => row.Version + 1),
            cancellationToken).ConfigureAwait(false);
        if (cancelled == 0) return new Problem(ProblemKind.NotNow, texts["Sync.Ended"]);
        db.Note(actor, now, ActivityAction.SyncCancelled, name, accountId: run.PlatformAccountId);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        feed.PublishWork(ChangeTopic.Sync, run.PlatformAccountId);
        return default(Done);
    }

    /// <summary>How the account's syncs stand; null where there is no such account.</summary>
    public async Task<SyncOverview?> FindLatestAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var name = await db.Accounts.Where(row => row.Id == accountId).Select(row => row.Name).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (name is null) return null;
        var runs = db.SyncRuns.AsNoTracking().Where(run => run.PlatformAccountId == accountId).OrderByDescending(run => run.StartedAt).ThenByDescending(run => run.Id);
        var latest = await runs.FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var complete = latest is null or { State: SyncState.Complete }
            ? latest
            : await runs.Where(run => run.State == SyncState.Complete).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var counts = await db.Drift.Where(item => item.PlatformAccountId == accountId)
            .GroupBy(item => new { item.Kind, item.Ignored })
            .Select(group => new { group.Key.Kind, group.Key.Ignored, Count = group.Count() })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return new SyncOverview(
            name,
            latest is null ? null : SyncRunView.From(latest),
            complete is null ? null : SyncRunView.From(complete),
            Enum.GetValues<DriftKind>().ToDictionary(
                kind => kind,
                kind => new DriftCount(
                    counts.SingleOrDefault(count => count.Kind == kind && !count.Ignored)?.Count ?? 0,
                    counts.SingleOrDefault(count => count.Kind == kind && count.Ignored)?.Count ?? 0)));
    }

    /// <summary>The differences that the last complete sync found, by kind and platform id.</summary>
    /// <param name="accountId">The platform account.</param>
    /// <param name="kind">One kind, or null for one after the other.</param>
    /// <param name="includeIgnored">Whether those that were set aside are among them.</param>
    /// <param name="after">Where the page before ended; null for the first one.</param>
    /// <param name="size">The most there are on the page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DriftPage> ListDriftAsync(
        Guid accountId, DriftKind? kind, bool includeIgnored, DriftPosition? after, int size, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var found = new List<DriftItem>();
        // Kind by kind: the index has them in an order of its own.
        foreach (var each in kind is { } one ? [one] : Enum.GetValues<DriftKind>())
        {
            if (after is not null && each < after.Kind) continue;
            var behind = after is not null && after.Kind == each ? after.PlatformId : long.MinValue;
            var wanted = size + 1 - found.Count;
            // Each half lies in the index as it is wanted; both at once would have to be sorted.
            var half = await HalfAsync(db, accountId, each, ignored: false, behind, wanted, cancellationToken).ConfigureAwait(false);
            if (includeIgnored)
            {
                var other = await HalfAsync(db, accountId, each, ignored: true, behind, wanted, cancellationToken).ConfigureAwait(false);
                half = [.. half.Concat(other).OrderBy(item => item.PlatformId).Take(wanted)];
            }

            found.AddRange(half);
            if (found.Count > size) break;
        }

        return new DriftPage(
            [.. found.Take(size).Select(item => new DriftEntry(
                item.Id, item.Kind, item.PlatformId, item.Name, item.ElementKey, catalog.NameOf(item.ElementKey), item.Fields, item.Ignored))],
            found.Count > size);
    }

    private static Task<List<DriftItem>> HalfAsync(
        PortalDb db, Guid accountId, DriftKind kind, bool ignored, long behind, int count, CancellationToken cancellationToken) =>
        db.Drift.AsNoTracking()
            .Where(item => item.PlatformAccountId == accountId && item.Ignored == ignored && item.Kind == kind && item.PlatformId > behind)
            .OrderBy(item => item.PlatformId).Take(count).ToListAsync(cancellationToken);

    private static Task<Guid?> FindRunningAsync(PortalDb db, Guid accountId, CancellationToken cancellationToken) =>
        db.SyncRuns.Where(run => run.PlatformAccountId == accountId && run.State == SyncState.Running)
            .Select(run => (Guid?)run.Id).SingleOrDefaultAsync(cancellationToken);
}
