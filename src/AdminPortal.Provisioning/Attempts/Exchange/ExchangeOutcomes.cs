using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Settings;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Exchange;

/// <summary>
/// Stores the outcome of a request. Every write repeats the claim's fencing number. A process that has lost the attempt may only
/// report what the platform answered: a late answer, a late refusal, or that there was no clear answer.
/// </summary>
internal sealed class ExchangeOutcomes(
    IElementsPlatform platform,
    AttemptTransitions transitions,
    AttemptInstances instances,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<ExchangeOutcomes> logger)
{
    /// <summary>Writes what a request came to.</summary>
    public async Task RecordAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, int fence, AttemptTarget? target, PlatformOutcome<PlatformInstance> outcome, HistoryCall call)
    {
        var now = clock.GetUtcNow();
        switch (outcome)
        {
            case PlatformOutcome<PlatformInstance>.Success success when target is not null:
                var told = await WithTokenAsync(account, success.Value).ConfigureAwait(false);
                await RenewAnsweredAsync(db, account, attempt, fence, told, target.Instance, call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Success success:
                await KeepAsync(db, account, attempt, fence, success.Value, now, call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused { Status: 404 } refused when target is not null:
                AttemptLog.Refused(logger, attempt.Id, refused.Status, refused.RequestId);
                await FailAsync(db, attempt, fence, await EndingOfMissingAsync(db, account, target.Instance, refused).ConfigureAwait(false), call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused { Status: 429 } refused:
                await RetryOrFailAsync(db, attempt, fence, Ending(refused, EndingReason.Busy), refused.RetryAfter, call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Refused refused:
                AttemptLog.Refused(logger, attempt.Id, refused.Status, refused.RequestId);
                await FailAsync(db, attempt, fence, Ending(refused, EndingReason.Refused), call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unreachable { Reason: UnsentReason.SecretUnreadable }:
                await FailAsync(db, attempt, fence, new AttemptEnding(EndingReason.SecretUnreadable), call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unreachable unreachable:
                if (unreachable.Reason == UnsentReason.Paused) AttemptLog.Withheld(logger, attempt.Id);
                await RetryOrFailAsync(db, attempt, fence, new AttemptEnding(EndingReason.Unreachable, Message: unreachable.Reason.ToString()), null, call).ConfigureAwait(false);
                break;

            case PlatformOutcome<PlatformInstance>.Unknown unknown:
                AttemptLog.AnswerLost(logger, attempt.Id, EndingReason.NoClearAnswer);
                var ending = new AttemptEnding(EndingReason.NoClearAnswer, unknown.Status, unknown.Message ?? unknown.Reason.ToString(), RequestId: unknown.RequestId);
                await LoseAnswerAsync(db, attempt, fence, ending, call).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Stores what was created, in one transaction with the attempt's end.</summary>
    private Task KeepAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, int fence, PlatformInstance created, DateTimeOffset now,
        HistoryCall call) =>
        transitions.WriteAsync(db, attempt, AttemptTransitions.Claimed(fence, AttemptEvent.Answered, AttemptEvent.AnsweredLate), async (row, happened) =>
        {
            var isLate = happened == AttemptEvent.AnsweredLate;
            var detail = isLate ? texts["Attempt.AnsweredLate"].Value : null;
            var stored = await instances.StoreAsync(db, account, row, created, now, detail).ConfigureAwait(false);
            return isLate
                ? () => row.SucceedLate(fence, stored.Id, created.Id, now, call)
                : () => row.Succeed(fence, stored.Id, created.Id, now, call);
        });

    /// <summary>Stores that the platform answered a re-authentication, in one transaction with the attempt's end.</summary>
    private Task RenewAnsweredAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, int fence, PlatformInstance told, ElementInstance target,
        HistoryCall call) =>
        transitions.WriteAsync(db, attempt, AttemptTransitions.Claimed(fence, AttemptEvent.Answered, AttemptEvent.AnsweredLate), async (row, happened) =>
        {
            var isLate = happened == AttemptEvent.AnsweredLate;
            await instances.RenewAsync(db, account, row, told, isLate ? texts["Attempt.AnsweredLate"].Value : null).ConfigureAwait(false);
            var now = clock.GetUtcNow();
            return isLate
                ? () => row.SucceedLate(fence, target.Id, target.PlatformId, now, call)
                : () => row.Succeed(fence, target.Id, target.PlatformId, now, call);
        });

    private async Task RetryOrFailAsync(
        PortalDb db, ProvisioningAttempt attempt, int fence, AttemptEnding reason, TimeSpan? retryAfter, HistoryCall call)
    {
        var now = clock.GetUtcNow();
        var nextAt = now + (retryAfter ?? AttemptDelays.Backoff(attempt.Tries));
        for (var save = 1; save <= AttemptTransitions.MaxSaves && MayRetry(attempt); save++)
        {
            var row = attempt;
            void PutBack() => row.PutBack(fence, reason, now, nextAt, call);
            if (await transitions.ApplyAsync(db, row, AttemptEvent.PutBack, PutBack).ConfigureAwait(false)) return;
            // Another process has saved the attempt. Where it has not taken over, the code may still be tried again.
            if (await db.Attempts.SingleOrDefaultAsync(one => one.Id == row.Id).ConfigureAwait(false) is not { } current) return;
            attempt = current;
        }

        // The code is too old, or another process has taken over.
        await FailAsync(db, attempt, fence, reason, call).ConfigureAwait(false);

        bool MayRetry(ProvisioningAttempt row) => row.IsHeldUnder(fence) && nextAt < row.CodeReceivedAt + options.Value.CodeLifetime;
    }

    /// <summary>Ends the attempt as failed.</summary>
    public Task FailAsync(PortalDb db, ProvisioningAttempt attempt, int fence, AttemptEnding ending, HistoryCall? call = null)
    {
        // Report a late refusal only if the platform answered; the new owner finds unsent requests by searching.
        AttemptEvent? late = ending.Status is null ? null : AttemptEvent.RefusedLate;
        return transitions.WriteAsync(db, attempt, AttemptTransitions.Claimed(fence, AttemptEvent.Refused, late), async (row, happened) =>
        {
            var now = clock.GetUtcNow();
            var actor = await AttemptInstances.ActorAsync(db, row).ConfigureAwait(false);
            var action = row.IsReauthentication ? ActivityAction.Reauthenticated : ActivityAction.InstanceCreated;
            db.Note(actor, now, action, row, succeeded: false, ending.Message ?? ending.Reason.ToString());
            return happened == AttemptEvent.RefusedLate
                ? () => row.FailLate(fence, ending, now, call)
                : () => row.Fail(fence, ending, now, call);
        });
    }

    private Task LoseAnswerAsync(PortalDb db, ProvisioningAttempt attempt, int fence, AttemptEnding ending, HistoryCall call) =>
        transitions.WriteAsync(db, attempt, AttemptTransitions.Claimed(fence, AttemptEvent.AnswerLost, AttemptEvent.AnswerLostLate), (row, happened) =>
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

    // The answer may come without the token; then the instance is asked for once more, and failing that the old one is kept.
    private async Task<PlatformInstance> WithTokenAsync(PlatformAccount account, PlatformInstance answered)
    {
        if (!string.IsNullOrEmpty(answered.Token)) return answered;
        return await platform.GetAsync(account, answered.Id, CancellationToken.None).ConfigureAwait(false) is PlatformOutcome<PlatformInstance>.Success again
            ? again.Value
            : answered;
    }

    private static AttemptEnding Ending(PlatformOutcome<PlatformInstance>.Refused refused, EndingReason reason) =>
        new(reason, refused.Status, refused.Message, refused.ProviderMessage, refused.RequestId);
}
