using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts.Search;

/// <summary>
/// Searches the platform again after the portal has concluded that nothing was created: by <see cref="LateSearchSchedule"/>, and
/// when a sync has listed an instance with the attempt's tag.
/// </summary>
internal sealed class LateSearch(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    PlatformSearch search,
    AttemptTransitions transitions,
    AttemptInstances instances,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>Searches once for what an attempt that has ended without an instance led to after all.</summary>
    public async Task SearchAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is not { IsNothingFound: true }) return;
        var account = await db.Accounts.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        if (account is null || attempt.IsReauthentication)
        {
            attempt.SearchLateAgain(null);
            await transitions.SaveAsync(db, attempt).ConfigureAwait(false);
            return;
        }

        var started = clock.GetTimestamp();
        var concludedAt = attempt.CompletedAt ?? attempt.UpdatedAt;
        // The platform's filter is enough while more searches follow; the last one reads everything.
        var isLast = LateSearchSchedule.Next(concludedAt, clock.GetUtcNow()) is null;
        var result = await search.FindAsync(account, attempt, everything: isLast, cancellationToken).ConfigureAwait(false);
        if (result.Found.Count == 0) result = await FindListedAsync(db, account, attempt, result, cancellationToken).ConfigureAwait(false);

        var now = clock.GetUtcNow();
        if (result.Adoptable is not { } found)
        {
            // One without its token is there and cannot be adopted: as after a search that broke off, it is asked for again.
            var isProof = result is { Complete: true, Found: [] };
            var nextAt = isProof ? LateSearchSchedule.Next(concludedAt, now) : LateSearchSchedule.AfterBrokenSearch(concludedAt, now);
            attempt.SearchLateAgain(nextAt);
            await transitions.SaveAsync(db, attempt).ConfigureAwait(false);
            return;
        }

        var call = new HistoryCall(result.RequestId, clock.GetElapsedTime(started));
        var stored = await instances.StoreAsync(db, account, attempt, found, now, texts["Attempt.FoundLate"]).ConfigureAwait(false);
        await transitions.ApplyAsync(db, attempt, AttemptEvent.FoundLate, () =>
        {
            attempt.AdoptLate(stored.Id, found.Id, now, call);
            foreach (var second in result.Found.Where(row => row.Id != found.Id)) AttemptInstances.AddOrphan(db, attempt, second, now);
        }).ConfigureAwait(false);
    }

    // A sync reads everything. What it has listed is found even where the platform's filter does not find it.
    private async Task<PlatformSearchResult> FindListedAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, PlatformSearchResult result, CancellationToken cancellationToken)
    {
        var tag = attempt.PortalTag;
        var listed = await db.SyncRows
            .Where(row => row.PortalTag == tag && db.SyncRuns.Any(run => run.Id == row.RunId && run.PlatformAccountId == account.Id))
            .Select(row => row.PlatformId).Distinct().OrderBy(id => id).ToListAsync(cancellationToken).ConfigureAwait(false);
        var found = new List<PlatformInstance>();
        var complete = result.Complete;
        var requestId = result.RequestId;
        foreach (var platformId in listed)
        {
            var outcome = await platform.GetAsync(account, platformId, cancellationToken).ConfigureAwait(false);
            requestId = outcome.RequestIdOrNull;
            if (outcome is PlatformOutcome<PlatformInstance>.Success { Value: var told })
                found.AddRange(told.Tags?.Contains(tag) == true ? [told] : []);
            else
                complete &= outcome is PlatformOutcome<PlatformInstance>.Refused { Status: 404 };
        }

        return new PlatformSearchResult(found, complete, requestId);
    }
}
