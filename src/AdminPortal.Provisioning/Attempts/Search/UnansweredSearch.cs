using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Settings;
using AdminPortal.Platform;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Search;

/// <summary>Finds out what an exchange came to that the platform did not clearly answer.</summary>
internal sealed class UnansweredSearch(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    PlatformSearch search,
    AttemptTransitions transitions,
    AttemptInstances instances,
    IOptions<PortalOptions> options,
    TimeProvider clock)
{
    /// <summary>Looks at the platform for what an exchange that was not clearly answered came to.</summary>
    public async Task SearchAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.Ambiguous }) return;
        if (attempt.IsReauthentication)
        {
            await SearchTargetAsync(db, attempt, cancellationToken).ConfigureAwait(false);
            return;
        }

        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var started = clock.GetTimestamp();
        // While there is patience, the platform's own filter is asked. Before absence is concluded, everything is read:
        // a filter that answers too little would prove nothing.
        var isLast = clock.GetUtcNow() >= attempt.AbsenceCountsFrom(options.Value.UnansweredPatience, AttemptLease.Length);
        var result = await search.FindAsync(account, attempt, everything: isLast, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var call = new HistoryCall(result.RequestId, clock.GetElapsedTime(started));
        if (result.Adoptable is { } found)
        {
            var stored = await instances.StoreAsync(db, account, attempt, found, now).ConfigureAwait(false);
            await transitions.ApplyAsync(db, attempt, AttemptEvent.Adopted, () =>
            {
                attempt.Adopt(stored.Id, found.Id, now, call);
                foreach (var second in result.Found.Where(row => row.Id != found.Id)) AttemptInstances.AddOrphan(db, attempt, second, now);
            }).ConfigureAwait(false);
        }
        // One without its token cannot be adopted, but it is there: its absence is not proved either.
        else if (result is { Complete: true, Found: [] } && isLast)
        {
            await transitions.ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(result.RequestId, now, call: call)).ConfigureAwait(false);
        }
        else
        {
            // An instance may appear late, and a search that broke off proves nothing.
            attempt.SearchAgain(now + LookAgainAfter(attempt, now));
            await transitions.SaveAsync(db, attempt).ConfigureAwait(false);
        }
    }

    // The target's token tells: refreshed since the request was sent, the request did it. The platform's times are compared with one another,
    // because its clock is its own; the portal's own time stands in where the platform told none before.
    private async Task SearchTargetAsync(PortalDb db, ProvisioningAttempt attempt, CancellationToken cancellationToken)
    {
        var target = await AttemptTarget.ReadAsync(db, platform, attempt, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var isLast = now >= attempt.AbsenceCountsFrom(options.Value.UnansweredPatience, AttemptLease.Length);
        switch (target?.Told)
        {
            case PlatformOutcome<PlatformInstance>.Success success when attempt.TargetRefreshedAt is { } before ? success.Value.RefreshedAt > before : success.Value.RefreshedAt >= attempt.SentAt - AttemptLease.ClockSkew:
                await RenewFoundAsync(db, attempt, success.Value, target, new HistoryCall(success.RequestId, TimeSpan.Zero)).ConfigureAwait(false);
                break;

            case null:
                // Deleted in the portal, and with it on the platform.
                await transitions.ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(null, now, targetGone: true)).ConfigureAwait(false);
                break;

            // An answer is evidence only when there was time enough: the platform may still have been at work.
            case PlatformOutcome<PlatformInstance>.Success success when isLast:
                await transitions.ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(success.RequestId, now)).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused { Status: 404 } refused when isLast:
                await transitions.ApplyAsync(db, attempt, AttemptEvent.ProvedAbsent, () => attempt.ConcludeAbsent(refused.RequestId, now, targetGone: true)).ConfigureAwait(false);
                break;

            default:
                attempt.SearchAgain(now + LookAgainAfter(attempt, now));
                await transitions.SaveAsync(db, attempt).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Stores that the platform shows a re-authentication, in one transaction with the attempt's end.</summary>
    private Task RenewFoundAsync(PortalDb db, ProvisioningAttempt attempt, PlatformInstance told, AttemptTarget target, HistoryCall call) =>
        transitions.WriteAsync(db, attempt, row => row.State == AttemptState.Ambiguous ? AttemptEvent.Adopted : null, async (row, _) =>
        {
            await instances.RenewAsync(db, target.Account, row, told, null).ConfigureAwait(false);
            return () => row.Adopt(target.Instance.Id, target.Instance.PlatformId, clock.GetUtcNow(), call);
        });

    // Soon while it may appear late; from then on a platform that cannot be read is not asked all the time.
    private TimeSpan LookAgainAfter(ProvisioningAttempt attempt, DateTimeOffset now) =>
        now - attempt.SentAt < options.Value.UnansweredPatience + AttemptDelays.Longest ? AttemptDelays.Backoff(attempt.Searches) : AttemptDelays.Long;
}
