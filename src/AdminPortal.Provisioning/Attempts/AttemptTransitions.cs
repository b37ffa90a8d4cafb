using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Background;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Saves the transitions of attempts that workers make, and wakes those who wait for them.</summary>
internal sealed class AttemptTransitions(ChangeFeed feed, WriteTurns writes, ILogger<AttemptTransitions> logger)
{
    /// <summary>How often a transition is repeated on the row that another process has saved meanwhile: a check, a sync, a person.</summary>
    public const int MaxSaves = 10;

    /// <summary>Makes a transition and saves it together with everything else that the context tracks.</summary>
    /// <returns>False if another process has saved the attempt since it was read; then nothing was written.</returns>
    public async Task<bool> ApplyAsync(PortalDb db, ProvisioningAttempt attempt, AttemptEvent happened, Action transition)
    {
        transition();
        if (!await SaveAsync(db, attempt).ConfigureAwait(false)) return false;
        AttemptLog.Moved(logger, attempt.Id, attempt.State, happened);
        return true;
    }

    /// <summary>Saves what has changed without a transition, such as the time of the next search.</summary>
    /// <returns>False if another process has saved the attempt since it was read; then nothing was written.</returns>
    public async Task<bool> SaveAsync(PortalDb db, ProvisioningAttempt attempt)
    {
        try
        {
            // What has happened on the platform is stored even while the portal is stopping.
            using (await writes.TakeTurnAsync(CancellationToken.None).ConfigureAwait(false)) await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
            feed.PublishWork(ChangeTopic.Attempts, attempt.Id);
            return true;
        }
        catch (DbUpdateException exception) when (LostRace.Is(exception))
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }

    /// <summary>Saves a transition, and repeats it on the current row where another process was quicker.</summary>
    /// <param name="db">The context that tracks <paramref name="attempt"/>.</param>
    /// <param name="attempt">The attempt as it was read last.</param>
    /// <param name="choose">The event that the row's state allows; null for none: then nothing is written.</param>
    /// <param name="prepare">Adds what is saved with it and returns the transition.</param>
    public async Task WriteAsync(
        PortalDb db, ProvisioningAttempt attempt, Func<ProvisioningAttempt, AttemptEvent?> choose,
        Func<ProvisioningAttempt, AttemptEvent, Task<Action>> prepare)
    {
        for (var save = 1; save <= MaxSaves; save++)
        {
            if (choose(attempt) is not { } happened)
            {
                AttemptLog.Outdated(logger, attempt.Id, attempt.State);
                return;
            }

            var transition = await prepare(attempt, happened).ConfigureAwait(false);
            if (await ApplyAsync(db, attempt, happened, transition).ConfigureAwait(false)) return;
            if (await db.Attempts.SingleOrDefaultAsync(row => row.Id == attempt.Id).ConfigureAwait(false) is not { } current) return;
            attempt = current;
        }
    }

    /// <summary>The event for a process that claimed the attempt: the normal one while it holds it, the late one afterwards.</summary>
    /// <param name="fence">The claim's fencing number.</param>
    /// <param name="held">The event while the process holds the attempt.</param>
    /// <param name="late">The event after another process has taken over; null if there is nothing to report then.</param>
    public static Func<ProvisioningAttempt, AttemptEvent?> Claimed(int fence, AttemptEvent held, AttemptEvent? late) =>
        row => row.IsHeldUnder(fence) ? held : row.Fence > fence && row.TakesLateEvents ? late : null;
}
