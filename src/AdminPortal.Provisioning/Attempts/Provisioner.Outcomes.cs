using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Record;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts;

/// <content>
/// How the outcome of a request is written. Every write repeats the claim's fencing number. A process that has lost the attempt may
/// only report what the platform answered: a late answer, a late refusal, or that there was no clear answer.
/// </content>
internal sealed partial class Provisioner
{
    /// <summary>Stores what was created, in one transaction with the attempt's end.</summary>
    private Task KeepAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, int fence, PlatformInstance created, DateTimeOffset now,
        HistoryCall call) =>
        WriteAsync(db, attempt, Claimed(fence, AttemptEvent.Answered, AttemptEvent.AnsweredLate), async (row, happened) =>
        {
            var isLate = happened == AttemptEvent.AnsweredLate;
            var detail = isLate ? texts["Attempt.AnsweredLate"].Value : null;
            var stored = await StoreAsync(db, account, row, created, now, detail).ConfigureAwait(false);
            return isLate
                ? () => row.SucceedLate(fence, stored.Id, created.Id, now, call)
                : () => row.Succeed(fence, stored.Id, created.Id, now, call);
        });

    /// <summary>Stores that the platform answered a re-authentication, in one transaction with the attempt's end.</summary>
    private Task RenewAnsweredAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, int fence, PlatformInstance told, ElementInstance target,
        HistoryCall call) =>
        WriteAsync(db, attempt, Claimed(fence, AttemptEvent.Answered, AttemptEvent.AnsweredLate), async (row, happened) =>
        {
            var isLate = happened == AttemptEvent.AnsweredLate;
            await RenewAsync(db, account, row, told, isLate ? texts["Attempt.AnsweredLate"].Value : null).ConfigureAwait(false);
            var now = clock.GetUtcNow();
            return isLate
                ? () => row.SucceedLate(fence, target.Id, target.PlatformId, now, call)
                : () => row.Succeed(fence, target.Id, target.PlatformId, now, call);
        });

    /// <summary>Stores that the platform shows a re-authentication, in one transaction with the attempt's end.</summary>
    private Task RenewFoundAsync(PortalDb db, ProvisioningAttempt attempt, PlatformInstance told, Target target, HistoryCall call) =>
        WriteAsync(db, attempt, row => row.State == AttemptState.Ambiguous ? AttemptEvent.Adopted : null, async (row, _) =>
        {
            await RenewAsync(db, target.Account, row, told, null).ConfigureAwait(false);
            return () => row.Adopt(target.Instance.Id, target.Instance.PlatformId, clock.GetUtcNow(), call);
        });

    private async Task RenewAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, PlatformInstance told, string? late)
    {
        var instance = await db.Instances.SingleOrDefaultAsync(row => row.Id == attempt.TargetInstanceId).ConfigureAwait(false);
        if (instance is null) return;
        var actor = await ActorAsync(db, attempt).ConfigureAwait(false);
        var detail = Renew(instance, account, told, attempt) ?? late;
        var changes = RowChanges.Of(db.Entry(instance));
        db.Note(actor, clock.GetUtcNow(), ActivityAction.Reauthenticated, instance, detail: detail, changes: changes, attemptId: attempt.Id);
    }

    private async Task RetryOrFailAsync(
        PortalDb db, ProvisioningAttempt attempt, int fence, AttemptEnding reason, TimeSpan? retryAfter, HistoryCall call)
    {
        var now = clock.GetUtcNow();
        var nextAt = now + (retryAfter ?? Backoff(attempt.Tries));
        for (var save = 1; save <= MaxSaves && MayRetry(attempt); save++)
        {
            var row = attempt;
            void PutBack() => row.PutBack(fence, reason, now, nextAt, call);
            if (await ApplyAsync(db, row, AttemptEvent.PutBack, PutBack).ConfigureAwait(false)) return;
            // Another process has saved the attempt. Where it has not taken over, the code may still be tried again.
            if (await db.Attempts.SingleOrDefaultAsync(one => one.Id == row.Id).ConfigureAwait(false) is not { } current) return;
            attempt = current;
        }

        // The code is too old, or another process has taken over.
        await FailAsync(db, attempt, fence, reason, call).ConfigureAwait(false);

        bool MayRetry(ProvisioningAttempt row) => row.IsHeldUnder(fence) && nextAt < row.CodeReceivedAt + options.Value.CodeLifetime;
    }

    private Task FailAsync(PortalDb db, ProvisioningAttempt attempt, int fence, AttemptEnding ending, HistoryCall? call = null)
    {
        // Report a late refusal only if the platform answered; the new owner finds unsent requests by searching.
        AttemptEvent? late = ending.Status is null ? null : AttemptEvent.RefusedLate;
        return WriteAsync(db, attempt, Claimed(fence, AttemptEvent.Refused, late), async (row, happened) =>
        {
            var now = clock.GetUtcNow();
            var actor = await ActorAsync(db, row).ConfigureAwait(false);
            var action = row.IsReauthentication ? ActivityAction.Reauthenticated : ActivityAction.InstanceCreated;
            db.Note(actor, now, action, row, succeeded: false, ending.Message ?? ending.Reason.ToString());
            return happened == AttemptEvent.RefusedLate
                ? () => row.FailLate(fence, ending, now, call)
                : () => row.Fail(fence, ending, now, call);
        });
    }

    private Task LoseAnswerAsync(PortalDb db, ProvisioningAttempt attempt, int fence, AttemptEnding ending, HistoryCall call) =>
        WriteAsync(db, attempt, Claimed(fence, AttemptEvent.AnswerLost, AttemptEvent.AnswerLostLate), (row, happened) =>
        {
            var now = clock.GetUtcNow();
            return Task.FromResult<Action>(
                happened == AttemptEvent.AnswerLostLate
                    ? () => row.LoseAnswerLate(fence, ending, now, call)
                    : () => row.LoseAnswer(fence, ending, now, call));
        });

    // 404 for a change may be that of a proxy or of an endpoint that the platform does not have. GET of the instance decides.
    private async Task<AttemptEnding> EndingOfMissingAsync(
        PortalDb db, PlatformAccount account, ElementInstance target, PlatformOutcome<PlatformInstance>.Refused refused)
    {
        var told = await platform.GetAsync(account, target.PlatformId, CancellationToken.None).ConfigureAwait(false);
        if (told is not PlatformOutcome<PlatformInstance>.Refused { Status: 404 }) return Ending(refused, EndingReason.Refused);
        await db.Instances.Where(row => row.Id == target.Id)
            .ExecuteUpdateAsync(row => row.SetProperty(instance => instance.State, InstanceState.MissingOnPlatform), CancellationToken.None)
            .ConfigureAwait(false);
        return Ending(refused, EndingReason.TargetGone);
    }

    private static Func<ProvisioningAttempt, AttemptEvent?> Claimed(int fence, AttemptEvent held, AttemptEvent? late) =>
        row => row.IsHeldUnder(fence) ? held : row.Fence > fence && row.TakesLateEvents ? late : null;

    /// <summary>Saves a transition, and repeats it on the current row where another process was quicker.</summary>
    /// <param name="db">The context that tracks <paramref name="attempt"/>.</param>
    /// <param name="attempt">The attempt as it was read last.</param>
    /// <param name="choose">The event that the row's state allows; null for none: then nothing is written.</param>
    /// <param name="prepare">Adds what is saved with it and returns the transition.</param>
    private async Task WriteAsync(
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
}
