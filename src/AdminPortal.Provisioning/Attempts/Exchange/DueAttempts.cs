using System.Linq.Expressions;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Settings;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Exchange;

/// <summary>Finds the attempts that are due, and ends those whose time has run out.</summary>
internal sealed class DueAttempts(IDbContextFactory<PortalDb> databases, AttemptTransitions transitions, IOptions<PortalOptions> options, TimeProvider clock)
{
    // How many of each state are read at a time.
    private const int AtOnce = 100;

    /// <summary>Nothing is put off for longer: such a time was written by a clock that was ahead and has been set back.</summary>
    private TimeSpan LongestDelay => options.Value.CodeLifetime > AttemptDelays.Long ? options.Value.CodeLifetime : AttemptDelays.Long;

    /// <summary>
    /// What is due, each with the state that says what is to be done: codes to exchange before all; then what has run out,
    /// unanswered exchanges to look for, what was created and not looked at yet, and late searches; of each the longest due first.
    /// </summary>
    public async Task<IReadOnlyList<(Guid Id, AttemptState State)>> FindDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        List<(Guid, AttemptState)> due = [];
        await AddAsync(AttemptState.CodeReceived, LongestDelay).ConfigureAwait(false);
        // Nobody holds an attempt for longer than a lease.
        await AddAsync(AttemptState.Provisioning, AttemptLease.Length + AttemptLease.ClockSkew).ConfigureAwait(false);
        await AddAsync(AttemptState.AwaitingDecision, null).ConfigureAwait(false);
        await AddAsync(AttemptState.AwaitingConsent, null).ConfigureAwait(false);
        await AddAsync(AttemptState.Ambiguous, LongestDelay).ConfigureAwait(false);
        await AddAsync(AttemptState.Active, LongestDelay).ConfigureAwait(false);
        await AddAsync(AttemptState.Failed, LateSearchSchedule.Span).ConfigureAwait(false);
        return due;

        // One state at a time, so that the index gives the order and a long queue costs no more than a short one. Nothing but
        // ids is read: a damaged row is the trouble of whoever works on it, and of nobody else.
        async Task AddAsync(AttemptState state, TimeSpan? longest)
        {
            var ids = await FirstAsync(attempt => attempt.State == state && attempt.NextAt <= now).ConfigureAwait(false);
            // What is due later than it can be was written by a clock that was ahead and has been set back.
            if (ids.Count == 0 && now + longest is { } farthest) ids = await FirstAsync(attempt => attempt.State == state && attempt.NextAt > farthest).ConfigureAwait(false);
            due.AddRange(ids.Select(id => (id, state)));
        }

        Task<List<Guid>> FirstAsync(Expression<Func<ProvisioningAttempt, bool>> which) =>
            db.Attempts.AsNoTracking().Where(which).OrderBy(attempt => attempt.NextAt).Select(attempt => attempt.Id).Take(AtOnce).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Ends a consent that nobody came back from or a decision that nobody took, or takes over from a process that died with a
    /// request under way.
    /// </summary>
    public async Task RunOutAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        if (await db.Attempts.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false) is not { } attempt) return;
        var isOver = attempt.NextAt <= now;
        switch (attempt.State)
        {
            case AttemptState.AwaitingConsent when isOver:
                await transitions.ApplyAsync(db, attempt, AttemptEvent.TimeRanOut, () => attempt.Expire(now)).ConfigureAwait(false);
                break;

            case AttemptState.AwaitingDecision when isOver:
                await transitions.ApplyAsync(db, attempt, AttemptEvent.TimeRanOut, () => attempt.LapseDecision(now)).ConfigureAwait(false);
                break;

            // The request may still be under way where the clock has been set back, and so it is looked for, as after any lease that has run out.
            case AttemptState.Provisioning when isOver || attempt.NextAt > now + AttemptLease.Length + AttemptLease.ClockSkew:
                await transitions.ApplyAsync(db, attempt, AttemptEvent.AnswerLost, () => attempt.TakeOver(now)).ConfigureAwait(false);
                break;
        }
    }
}
