using System.Globalization;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;

namespace AdminPortal.Domain.Attempts;

/// <content>The transitions: each is one method, and throws where the state does not allow it.</content>
public sealed partial class ProvisioningAttempt
{
    /// <summary>A new draft with the first line of its history.</summary>
    /// <param name="now">The time.</param>
    /// <param name="personId">The user who starts the draft, or <see langword="null"/> for the portal itself.</param>
    /// <param name="elementKey">The platform's key of the element.</param>
    /// <param name="accountId">The platform account.</param>
    /// <param name="targetId">The instance to re-authenticate, or <see langword="null"/> to create a new instance.</param>
    /// <param name="replacesId">The instance that the new instance replaces, or <see langword="null"/>.</param>
    /// <param name="previousId">The attempt to try again, or <see langword="null"/>.</param>
    internal static ProvisioningAttempt Begin(
        DateTimeOffset now, Guid? personId, string elementKey, Guid accountId, Guid? targetId = null, Guid? replacesId = null, Guid? previousId = null)
    {
        var draft = new ProvisioningAttempt
        {
            Id = Guid.CreateVersion7(now),
            CreatedAt = now,
            UpdatedAt = now,
            CreatedBy = personId,
            ElementKey = elementKey,
            PlatformAccountId = accountId,
            TargetInstanceId = targetId,
            ReplacesInstanceId = replacesId,
            PreviousAttemptId = previousId,
        };
        draft.Note(AttemptEvent.Created, now);
        return draft;
    }

    /// <summary>
    /// Editing an attempt whose consent is pending takes it back to the draft: the state that was sent dies, so that a
    /// code for the old settings can never be used with the new ones. An editable draft stays as it is.
    /// </summary>
    internal void Reopen(DateTimeOffset now)
    {
        Require(AttemptEvent.Reopened, AttemptState.Draft, AttemptState.AwaitingConsent);
        if (State == AttemptState.Draft) return;
        StateHash = null;
        BrowserHash = null;
        OAuthUrl = null;
        CallbackUrl = null;
        ConsentStartedAt = null;
        ConsentExpiresAt = null;
        NextAt = null;
        Move(AttemptEvent.Reopened, AttemptState.Draft, now);
    }

    /// <summary>Records that the checks before authorization passed.</summary>
    /// <param name="detail">What was only warned of and accepted; null for nothing.</param>
    /// <param name="took">How long the checks took.</param>
    /// <param name="now">The time.</param>
    internal void PassPreflight(string? detail, TimeSpan took, DateTimeOffset now)
    {
        Require(AttemptEvent.PreflightPassed, AttemptState.Draft, AttemptState.AwaitingConsent);
        Move(AttemptEvent.PreflightPassed, State, now, detail, new HistoryCall(null, took));
    }

    /// <summary>Stores the OAuth URL that the platform returned. An earlier state becomes invalid.</summary>
    internal void AwaitConsent(byte[] stateHash, Sealed oauthUrl, string callbackUrl, DateTimeOffset now, TimeSpan lifetime, HistoryCall? call = null)
    {
        Require(AttemptEvent.OAuthUrlObtained, AttemptState.Draft, AttemptState.AwaitingConsent);
        StateHash = stateHash;
        BrowserHash = null;
        OAuthUrl = oauthUrl;
        CallbackUrl = callbackUrl;
        ConsentStartedAt = now;
        ConsentExpiresAt = now + lifetime;
        NextAt = ConsentExpiresAt;
        Step = WizardStep.Review;
        Move(AttemptEvent.OAuthUrlObtained, AttemptState.AwaitingConsent, now, call: call);
    }

    /// <summary>Binds the attempt to the browser that goes to the provider. Only this browser may return the code.</summary>
    internal void Leave(byte[] browserHash, DateTimeOffset now)
    {
        Require(AttemptEvent.Left, AttemptState.AwaitingConsent);
        BrowserHash = browserHash;
        Move(AttemptEvent.Left, AttemptState.AwaitingConsent, now);
    }

    /// <summary>Stores the code that the callback returned. The state cannot be used again.</summary>
    internal void ReceiveCode(Sealed code, string? consentedServer, DateTimeOffset now)
    {
        Require(AttemptEvent.CodeReturned, AttemptState.AwaitingConsent);
        Code = code;
        CodeReceivedAt = now;
        NextAt = now;
        ConsentedServer = consentedServer;
        OAuthUrl = null;
        Move(AttemptEvent.CodeReturned, AttemptState.CodeReceived, now);
    }

    /// <summary>
    /// The callback brought a code for another Infusionsoft account than the one that was entered, or did not say for which one; the
    /// state is used, and nothing is sent until a person has decided.
    /// </summary>
    internal void HoldCode(Sealed code, string? consentedServer, string expectedServer, DateTimeOffset now, TimeSpan codeLifetime)
    {
        Require(AttemptEvent.OtherAccountReturned, AttemptState.AwaitingConsent);
        Code = code;
        CodeReceivedAt = now;
        NextAt = now + codeLifetime;
        ConsentedServer = consentedServer;
        ExpectedServer = expectedServer;
        OAuthUrl = null;
        Move(AttemptEvent.OtherAccountReturned, AttemptState.AwaitingDecision, now);
    }

    /// <summary>Continues with the account that granted access.</summary>
    internal void Accept(DateTimeOffset now)
    {
        Require(AttemptEvent.Accepted, AttemptState.AwaitingDecision);
        NextAt = now;
        Move(AttemptEvent.Accepted, AttemptState.CodeReceived, now);
    }

    /// <summary>Cancels the attempt because another account granted access. The code is erased.</summary>
    internal void Decline(DateTimeOffset now)
    {
        Require(AttemptEvent.Declined, AttemptState.AwaitingDecision);
        End(AttemptEvent.Declined, AttemptState.Failed, new AttemptEnding(EndingReason.OtherAccount), now);
    }

    /// <summary>Ends the attempt because no decision was made before the code expired. The code is erased.</summary>
    internal void LapseDecision(DateTimeOffset now)
    {
        Require(AttemptEvent.TimeRanOut, AttemptState.AwaitingDecision);
        End(AttemptEvent.TimeRanOut, AttemptState.Failed, new AttemptEnding(EndingReason.OtherAccount), now);
    }

    /// <summary>A code that was put back has grown too old to be tried again; it ends for the reason that it was put back for.</summary>
    internal void LapseCode(DateTimeOffset now)
    {
        Require(AttemptEvent.CodeLapsed, AttemptState.CodeReceived);
        End(AttemptEvent.CodeLapsed, AttemptState.Failed, Ending ?? new AttemptEnding(EndingReason.Unreachable), now);
    }

    /// <summary>Ends the attempt because the callback returned an error. The state cannot be used again.</summary>
    internal void ReceiveError(AttemptEnding ending, DateTimeOffset now)
    {
        Require(AttemptEvent.ErrorReturned, AttemptState.AwaitingConsent);
        OAuthUrl = null;
        End(AttemptEvent.ErrorReturned, AttemptState.Denied, ending, now);
    }

    /// <summary>Ends the attempt because the consent expired.</summary>
    internal void Expire(DateTimeOffset now)
    {
        Require(AttemptEvent.TimeRanOut, AttemptState.AwaitingConsent);
        OAuthUrl = null;
        End(AttemptEvent.TimeRanOut, AttemptState.Expired, new AttemptEnding(EndingReason.TimeRanOut), now);
    }

    /// <summary>
    /// A worker takes the code: saved before the request leaves, so that a process that dies afterwards can never send
    /// it again. Saving is one conditional update on <see cref="Version"/>, so that of two workers one wins.
    /// </summary>
    /// <param name="owner">The process.</param>
    /// <param name="now">The time.</param>
    /// <param name="lease">For how long it holds the attempt.</param>
    /// <param name="targetRefreshedAt">When the target's token had been refreshed last.</param>
    internal void Claim(Guid owner, DateTimeOffset now, TimeSpan lease, DateTimeOffset? targetRefreshedAt = null)
    {
        Require(AttemptEvent.Claimed, AttemptState.CodeReceived);
        ClaimedBy = owner;
        Fence++;
        LeaseUntil = now + lease;
        SentAt = now;
        TargetRefreshedAt = targetRefreshedAt;
        NextAt = LeaseUntil;
        Tries++;
        Move(AttemptEvent.Claimed, AttemptState.Provisioning, now);
    }

    /// <summary>The platform answered with the instance, new or re-authenticated; the code is erased.</summary>
    internal void Succeed(int fence, Guid instanceId, long platformInstanceId, DateTimeOffset now, HistoryCall? call = null)
    {
        RequireHeld(AttemptEvent.Answered, fence);
        Complete(AttemptEvent.Answered, instanceId, platformInstanceId, now, call);
    }

    /// <summary>
    /// The platform answered a process that had lost the attempt, because it was paused or its clock jumped. Another process is
    /// searching, or has concluded that nothing was done.
    /// </summary>
    internal void SucceedLate(int fence, Guid instanceId, long platformInstanceId, DateTimeOffset now, HistoryCall? call = null)
    {
        RequireLate(AttemptEvent.AnsweredLate, fence);
        Complete(AttemptEvent.AnsweredLate, instanceId, platformInstanceId, now, call);
    }

    /// <summary>The platform refused the request of a process that had lost the attempt.</summary>
    internal void FailLate(int fence, AttemptEnding ending, DateTimeOffset now, HistoryCall? call = null)
    {
        RequireLate(AttemptEvent.RefusedLate, fence);
        End(AttemptEvent.RefusedLate, AttemptState.Failed, ending, now, call);
    }

    /// <summary>A process that had lost the attempt received no clear answer: the platform is searched from the start.</summary>
    internal void LoseAnswerLate(int fence, AttemptEnding reason, DateTimeOffset now, HistoryCall? call = null)
    {
        RequireLate(AttemptEvent.AnswerLostLate, fence);
        // It was under way until now, so the time in which an instance may still appear begins later.
        var sentAt = now - (call?.Took ?? TimeSpan.Zero);
        if (SentAt is null || sentAt > SentAt) SentAt = sentAt;
        BecomeAmbiguous(AttemptEvent.AnswerLostLate, reason, now, call);
    }

    /// <summary>The request was proved unsent or turned away for now, and the code is still young.</summary>
    internal void PutBack(int fence, AttemptEnding reason, DateTimeOffset now, DateTimeOffset nextAt, HistoryCall? call = null)
    {
        RequireHeld(AttemptEvent.PutBack, fence);
        Release();
        SentAt = null;
        NextAt = nextAt;
        Ending = reason.Bounded();
        Move(AttemptEvent.PutBack, AttemptState.CodeReceived, now, Describe(reason), call);
    }

    /// <summary>The platform refused, or the request was never sent and the code is too old.</summary>
    internal void Fail(int fence, AttemptEnding ending, DateTimeOffset now, HistoryCall? call = null)
    {
        RequireHeld(AttemptEvent.Refused, fence);
        End(AttemptEvent.Refused, AttemptState.Failed, ending, now, call);
    }

    /// <summary>The request was sent and there is no clear answer: the platform may have carried it out.</summary>
    internal void LoseAnswer(int fence, AttemptEnding reason, DateTimeOffset now, HistoryCall? call = null)
    {
        RequireHeld(AttemptEvent.AnswerLost, fence);
        BecomeAmbiguous(AttemptEvent.AnswerLost, reason, now, call);
    }

    /// <summary>The lease ran out: whoever held the attempt has lost it, and its request may have been carried out.</summary>
    internal void TakeOver(DateTimeOffset now)
    {
        Require(AttemptEvent.AnswerLost, AttemptState.Provisioning);
        Fence++;
        BecomeAmbiguous(AttemptEvent.AnswerLost, new AttemptEnding(EndingReason.PortalStopped), now, null);
    }

    /// <summary>A look neither found what was asked for nor proved that it was not done; the next one is due later.</summary>
    internal void SearchAgain(DateTimeOffset nextAt)
    {
        Require(AttemptEvent.AnswerLost, AttemptState.Ambiguous);
        Searches++;
        NextAt = nextAt;
    }

    /// <summary>The platform lists an instance with this attempt's tag, or shows that the target was authorized anew: it was done.</summary>
    internal void Adopt(Guid instanceId, long platformInstanceId, DateTimeOffset now, HistoryCall? call = null)
    {
        Require(AttemptEvent.Adopted, AttemptState.Ambiguous);
        Searches++;
        Complete(AttemptEvent.Adopted, instanceId, platformInstanceId, now, call);
    }

    /// <summary>
    /// The platform was looked at completely, with patience, by the portal or by a person: it has no instance with this
    /// attempt's tag, or has not authorized the target anew, or does not have the target any more.
    /// </summary>
    internal void ConcludeAbsent(string? requestId, DateTimeOffset now, bool targetGone = false, HistoryCall? call = null, string? decidedBy = null)
    {
        Require(AttemptEvent.ProvedAbsent, AttemptState.Ambiguous);
        Searches++;
        var reason = targetGone ? EndingReason.TargetGone : IsReauthentication ? EndingReason.NothingChanged : EndingReason.NothingCreated;
        var ending = new AttemptEnding(reason, Ending?.Status, Ending?.Message, Ending?.ProviderMessage, requestId);
        End(AttemptEvent.ProvedAbsent, AttemptState.Failed, ending, now, call, decidedBy is null ? null : $"decided by {OutsideText.Clean(decidedBy, 255)}");
        // A target shows no tag by which a late request could be told from the platform's own refreshes, so only creations are searched for.
        if (reason == EndingReason.NothingCreated) NextAt = LateSearchSchedule.Next(now, now);
    }

    /// <summary>A late search found nothing.</summary>
    /// <param name="nextAt">When the next one is due; null for none.</param>
    internal void SearchLateAgain(DateTimeOffset? nextAt)
    {
        if (!IsNothingFound) throw new IllegalTransitionException(State, AttemptEvent.FoundLate);
        Searches++;
        NextAt = nextAt;
    }

    /// <summary>The platform has an instance with this attempt's tag, though it had none when the search ended.</summary>
    internal void AdoptLate(Guid instanceId, long platformInstanceId, DateTimeOffset now, HistoryCall? call = null)
    {
        if (!IsNothingFound) throw new IllegalTransitionException(State, AttemptEvent.FoundLate);
        Searches++;
        Complete(AttemptEvent.FoundLate, instanceId, platformInstanceId, now, call);
    }

    /// <summary>What came of it was looked at.</summary>
    /// <param name="detail">What was found; null where it works.</param>
    /// <param name="call">The look.</param>
    /// <param name="now">The time.</param>
    internal void Verify(string? detail, HistoryCall? call, DateTimeOffset now)
    {
        Require(AttemptEvent.Verified, AttemptState.Active);
        VerifiedAt = now;
        NextAt = null;
        Move(AttemptEvent.Verified, AttemptState.Active, now, detail, call);
    }

    /// <summary>What came of it could not be looked at now.</summary>
    internal void VerifyLater(DateTimeOffset nextAt)
    {
        Require(AttemptEvent.Verified, AttemptState.Active);
        Verifications++;
        NextAt = nextAt;
    }

    /// <summary>The platform has a second instance with this attempt's tag.</summary>
    internal void FindOrphan(long platformId, DateTimeOffset now)
    {
        Require(AttemptEvent.OrphanFound, AttemptState.Active);
        Move(AttemptEvent.OrphanFound, AttemptState.Active, now, platformId.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The second instance is not on the platform any more.</summary>
    internal void RemoveOrphan(long platformId, DateTimeOffset now)
    {
        Require(AttemptEvent.OrphanRemoved, AttemptState.Active);
        Move(AttemptEvent.OrphanRemoved, AttemptState.Active, now, platformId.ToString(CultureInfo.InvariantCulture));
    }

    private void BecomeAmbiguous(AttemptEvent happened, AttemptEnding reason, DateTimeOffset now, HistoryCall? call)
    {
        Release();
        Code = null;
        NextAt = now;
        Ending = reason.Bounded();
        CompletedAt = null;
        Move(happened, AttemptState.Ambiguous, now, Describe(reason), call);
    }

    private void Complete(AttemptEvent happened, Guid instanceId, long platformInstanceId, DateTimeOffset now, HistoryCall? call)
    {
        Release();
        Code = null;
        // Due at once: what was created is looked at.
        NextAt = now;
        Ending = null;
        InstanceId = instanceId;
        PlatformInstanceId = platformInstanceId;
        CompletedAt = now;
        ClearSecrets();
        Move(happened, AttemptState.Active, now, call: call);
    }

    private void End(AttemptEvent happened, AttemptState state, AttemptEnding ending, DateTimeOffset now, HistoryCall? call = null, string? detail = null)
    {
        Release();
        Code = null;
        NextAt = null;
        Ending = ending.Bounded();
        CompletedAt = now;
        Move(happened, state, now, detail ?? Describe(Ending), call);
    }

    // The platform keeps the configuration of what it created; the portal needs it no longer.
    private void ClearSecrets() => SealedConfiguration = [];

    private void Release()
    {
        ClaimedBy = null;
        LeaseUntil = null;
    }
}
