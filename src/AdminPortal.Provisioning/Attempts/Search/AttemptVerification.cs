using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts.Search;

/// <summary>Looks at what was created: whether the platform has one instance and not two, and whether it works.</summary>
internal sealed class AttemptVerification(
    IDbContextFactory<PortalDb> databases,
    InstanceChecker checker,
    PlatformSearch search,
    AttemptTransitions transitions,
    TimeProvider clock)
{
    // The platform is asked again until it answers, but not for ever: the scheduled checks do it later.
    private const int MaxVerifications = 6;

    /// <summary>Verifies once; repeating it after a crash does no harm.</summary>
    public async Task VerifyAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is not { State: AttemptState.Active, VerifiedAt: null }) return;

        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        if (account is null)
        {
            // Deleted meanwhile, and every instance before it: there is nothing to look at any more.
            await transitions.ApplyAsync(db, attempt, AttemptEvent.Verified, () => attempt.Verify(nameof(CheckOutcome.Missing), null, clock.GetUtcNow())).ConfigureAwait(false);
            return;
        }

        var started = clock.GetTimestamp();
        var isThere = await db.Instances.AnyAsync(row => row.Id == attempt.InstanceId, cancellationToken).ConfigureAwait(false);
        // The instance may have been deleted meanwhile; a second one would still be there.
        var result = attempt.IsReauthentication ? PlatformSearchResult.Nothing : await search.FindAsync(account, attempt, everything: false, cancellationToken).ConfigureAwait(false);
        if (isThere && !attempt.IsReauthentication && result.Complete && result.Found.All(row => row.Id != attempt.PlatformInstanceId))
        {
            // A filter that does not find the one that is there says nothing of a second one.
            result = await search.FindAsync(account, attempt, everything: true, cancellationToken).ConfigureAwait(false);
        }

        var (outcome, requestId) = isThere ? await LookAsync(attempt.InstanceId!.Value, cancellationToken).ConfigureAwait(false) : (CheckOutcome.Missing, null);
        var call = new HistoryCall(requestId ?? result.RequestId, clock.GetElapsedTime(started));
        var now = clock.GetUtcNow();
        var isAnswered = result.Complete && outcome is not (CheckOutcome.Unreachable or CheckOutcome.Unclear);
        if (!isAnswered && attempt.Verifications < MaxVerifications)
        {
            attempt.VerifyLater(now + AttemptDelays.Backoff(attempt.Verifications + 1));
            await transitions.SaveAsync(db, attempt).ConfigureAwait(false);
            return;
        }

        var known = await db.Orphans.Where(row => row.AttemptId == id).Select(row => row.PlatformId).ToListAsync(cancellationToken).ConfigureAwait(false);
        await transitions.ApplyAsync(db, attempt, AttemptEvent.Verified, () =>
        {
            foreach (var second in result.Found.Where(found => found.Id != attempt.PlatformInstanceId && !known.Contains(found.Id))) AttemptInstances.AddOrphan(db, attempt, second, now);
            attempt.Verify(outcome == CheckOutcome.Alive ? null : outcome.ToString(), call, now);
        }).ConfigureAwait(false);
    }

    private async Task<(CheckOutcome Outcome, string? RequestId)> LookAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        var look = await checker.CheckAsync(instanceId, Actor.Portal, cancellationToken).ConfigureAwait(false);
        return look.Succeeded ? (look.Value.Outcome, look.Value.RequestId) : (CheckOutcome.Unclear, null);
    }
}
