using System.Globalization;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;

namespace AdminPortal.Domain.Attempts;

/// <summary>
/// One try at creating an instance, or at authorizing one anew: from the wizard's draft to its end. Every change of
/// state is one method here, and a method that the state does not allow throws.
/// </summary>
public sealed class ProvisioningAttempt : IVersioned
{
    private readonly List<AttemptHistoryEntry> _history = [];
    private DateTimeOffset _lastLine;

    public required Guid Id { get; init; }

    public int Version { get; set; }

    public AttemptState State { get; private set; } = AttemptState.Draft;

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The person who started it.</summary>
    public Guid? CreatedBy { get; init; }

    /// <summary>The attempt that this one tries again.</summary>
    public Guid? PreviousAttemptId { get; init; }

    /// <summary>The instance that is authorized anew; null where a new one is created.</summary>
    public Guid? TargetInstanceId { get; init; }

    /// <summary>The instance that the new one is to take the place of, when it is proved to work; null where there is none.</summary>
    public Guid? ReplacesInstanceId { get; init; }

    // What the wizard collects.

    /// <summary>The step at which the wizard continues.</summary>
    public WizardStep Step { get; set; } = WizardStep.Element;

    public required string ElementKey { get; set; }

    public required Guid PlatformAccountId { get; set; }

    public Guid? ProviderAppId { get; set; }

    public string Name { get; set; } = "";

    public List<string> Tags { get; set; } = [];

    /// <summary>Configuration values that are not secret, by the platform's key.</summary>
    public Dictionary<string, string> Configuration { get; set; } = [];

    /// <summary>Sealed configuration values, by the platform's key.</summary>
    public Dictionary<string, Sealed> SealedConfiguration { get; set; } = [];

    public EventSettings? Events { get; set; }

    // The consent.

    /// <summary>SHA-256 of the state that was sent; a spent state stays, so that a second delivery is recognised.</summary>
    public byte[]? StateHash { get; private set; }

    /// <summary>SHA-256 of the cookie of the browser that left for the provider.</summary>
    public byte[]? BrowserHash { get; private set; }

    /// <summary>The address at the provider; it carries the state and is therefore sealed.</summary>
    public Sealed? OAuthUrl { get; private set; }

    /// <summary>The callback URL exactly as it was sent.</summary>
    public string? CallbackUrl { get; private set; }

    public DateTimeOffset? ConsentStartedAt { get; private set; }

    public DateTimeOffset? ConsentExpiresAt { get; private set; }

    /// <summary>The tenant that the consent named in its scope.</summary>
    public string? ConsentedServer { get; private set; }

    /// <summary>The tenant that was entered or that the target belongs to, where the consent named another one or none.</summary>
    public string? ExpectedServer { get; private set; }

    // The exchange.

    public Sealed? Code { get; private set; }

    public DateTimeOffset? CodeReceivedAt { get; private set; }

    /// <summary>Which process holds the attempt.</summary>
    public Guid? ClaimedBy { get; private set; }

    /// <summary>Until when it holds it; afterwards the process is taken to be dead.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>
    /// The fencing number: it increases with every claim and every takeover. A process that claimed under an older number has
    /// lost the attempt and may only report a late event.
    /// </summary>
    public int Fence { get; private set; }

    public DateTimeOffset? SentAt { get; private set; }

    /// <summary>When the target's token had been refreshed last, as the platform told it before the request left; null where it did not.</summary>
    public DateTimeOffset? TargetRefreshedAt { get; private set; }

    /// <summary>How often the request was tried.</summary>
    public int Tries { get; private set; }

    /// <summary>
    /// When the worker has to see to it: to send or to search, or because a consent, a decision or a lease runs out then;
    /// null where it has nothing to do. An attempt that ended because nothing was found has one too, for a day: a late search.
    /// </summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>How often the platform was looked at for what an unanswered request came to.</summary>
    public int Searches { get; private set; }

    /// <summary>How many pages of instances the present look, or the last one, has read.</summary>
    public int SearchedPages { get; private set; }

    /// <summary>How many instances were on those pages.</summary>
    public int SearchedInstances { get; private set; }

    // The end.

    public AttemptEnding? Ending { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>When what was created was looked at and found working, or not; null until then.</summary>
    public DateTimeOffset? VerifiedAt { get; private set; }

    /// <summary>How often that was tried without an answer.</summary>
    public int Verifications { get; private set; }

    /// <summary>The portal's id of the instance; the instance may have been deleted since.</summary>
    public Guid? InstanceId { get; private set; }

    /// <summary>The platform's id of the instance.</summary>
    public long? PlatformInstanceId { get; private set; }

    public IReadOnlyList<AttemptHistoryEntry> History => _history;

    /// <summary>The tag that is added to what this attempt creates.</summary>
    public string PortalTag => $"{PortalTagPrefix}{Id}";

    /// <summary>How the portal's own tags begin.</summary>
    public static string PortalTagPrefix => "portal:";

    /// <summary>Whether it authorizes an instance anew instead of creating one.</summary>
    public bool IsReauthentication => TargetInstanceId is not null;

    /// <summary>Whether the wizard can still change it.</summary>
    public bool IsEditable => State is AttemptState.Draft or AttemptState.AwaitingConsent;

    /// <summary>Whether nothing more will happen to it.</summary>
    public bool IsOver => State is AttemptState.Active or AttemptState.Denied or AttemptState.Expired or AttemptState.Failed;

    internal Secret? CodeOf => Code is null ? null : new Secret(SecretKind.OAuthCode, Id, Code);

    internal Secret? OAuthUrlOf => OAuthUrl is null ? null : new Secret(SecretKind.OAuthUrl, Id, OAuthUrl);

    internal Secret SealedConfigurationOf(string key) => new(SecretKind.ConfigurationValue, Id, SealedConfiguration[key]);

    /// <summary>
    /// The part of a stored attempt that a callback reads. Only what its methods change is saved: see <c>CallbackSql</c>.
    /// </summary>
    internal static ProvisioningAttempt ForCallback(
        Guid id, int version, AttemptState state, byte[]? browserHash, DateTimeOffset? consentExpiresAt, Dictionary<string, string> configuration, Guid? targetInstanceId) => new()
    {
        Id = id,
        Version = version,
        State = state,
        BrowserHash = browserHash,
        ConsentExpiresAt = consentExpiresAt,
        Configuration = configuration,
        TargetInstanceId = targetInstanceId,
        CreatedAt = default,
        UpdatedAt = default,
        ElementKey = "",
        PlatformAccountId = default,
    };

    /// <summary>Writes the first line of the history.</summary>
    internal void Begin() => Note(AttemptEvent.Created, CreatedAt);

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

    /// <summary>Everything that can be checked before leaving was checked, and nothing stands in the way.</summary>
    /// <param name="detail">What was only warned of and accepted; null for nothing.</param>
    /// <param name="took">How long the checks took.</param>
    /// <param name="now">The time.</param>
    internal void PassPreflight(string? detail, TimeSpan took, DateTimeOffset now)
    {
        Require(AttemptEvent.PreflightPassed, AttemptState.Draft, AttemptState.AwaitingConsent);
        Move(AttemptEvent.PreflightPassed, State, now, detail, new HistoryCall(null, took));
    }

    /// <summary>The platform gave the OAuth URL; an older state dies.</summary>
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

    /// <summary>A browser leaves for the provider; only this browser may bring the code back.</summary>
    internal void Leave(byte[] browserHash, DateTimeOffset now)
    {
        Require(AttemptEvent.Left, AttemptState.AwaitingConsent);
        BrowserHash = browserHash;
        Move(AttemptEvent.Left, AttemptState.AwaitingConsent, now);
    }

    /// <summary>The callback brought a code; the state is spent.</summary>
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

    /// <summary>A person wants to go on with the account that the consent was given for.</summary>
    internal void Accept(DateTimeOffset now)
    {
        Require(AttemptEvent.Accepted, AttemptState.AwaitingDecision);
        NextAt = now;
        Move(AttemptEvent.Accepted, AttemptState.CodeReceived, now);
    }

    /// <summary>A person does not want that; the code is erased unused.</summary>
    internal void Decline(DateTimeOffset now)
    {
        Require(AttemptEvent.Declined, AttemptState.AwaitingDecision);
        End(AttemptEvent.Declined, AttemptState.Failed, new AttemptEnding(EndingReason.OtherAccount), now);
    }

    /// <summary>Nobody decided while the code was good; it is erased unused.</summary>
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

    /// <summary>The callback brought an error; the state is spent.</summary>
    internal void ReceiveError(AttemptEnding ending, DateTimeOffset now)
    {
        Require(AttemptEvent.ErrorReturned, AttemptState.AwaitingConsent);
        OAuthUrl = null;
        End(AttemptEvent.ErrorReturned, AttemptState.Denied, ending, now);
    }

    /// <summary>Nobody came back in time.</summary>
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

    /// <summary>Whether the claim with this fencing number still holds the attempt.</summary>
    internal bool IsHeldUnder(int fence) => State == AttemptState.Provisioning && Fence == fence;

    /// <summary>Whether a process that has lost the attempt may still report what its request came to.</summary>
    internal bool TakesLateEvents => State == AttemptState.Ambiguous || IsNothingFound || IsTargetGoneBySearch;

    /// <summary>Whether it ended because the platform was searched and nothing was found.</summary>
    internal bool IsNothingFound => this is { State: AttemptState.Failed, Ending.Reason: EndingReason.NothingCreated or EndingReason.NothingChanged };

    // The platform or a gateway answered 404 for the target while the outcome of the request was unknown. Searches counts only those.
    private bool IsTargetGoneBySearch => this is { State: AttemptState.Failed, Ending.Reason: EndingReason.TargetGone, Searches: > 0 };

    /// <summary>Until when the platform is searched again although the attempt has ended; null where it is not.</summary>
    internal DateTimeOffset? LateSearchUntil => IsNothingFound && NextAt is { } next
        ? CompletedAt + LateSearchSchedule.Span is { } until && until > next ? until : next
        : null;

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

    /// <summary>From when on a look that finds nothing proves that there is nothing; null where nothing was sent.</summary>
    /// <param name="patience">How long after the request an instance may still appear.</param>
    /// <param name="lease">For how long a process holds an attempt, which is longer than a request can take.</param>
    internal DateTimeOffset? AbsenceCountsFrom(TimeSpan patience, TimeSpan lease)
    {
        // A process whose lease ran out may be alive, where the clock has jumped, and its request may be under way. It gets the time
        // that a request can take once more.
        var heldUntil = Ending?.Reason == EndingReason.PortalStopped ? UpdatedAt + lease : DateTimeOffset.MinValue;
        return SentAt + patience is { } patient && patient < heldUntil ? heldUntil : SentAt + patience;
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

    private static string Describe(AttemptEnding ending) =>
        ending.Status is { } status ? $"{ending.Reason}, status {status}" : ending.Reason.ToString();

    private void Require(AttemptEvent happened, params ReadOnlySpan<AttemptState> allowed)
    {
        if (!allowed.Contains(State)) throw new IllegalTransitionException(State, happened);
    }

    private void RequireHeld(AttemptEvent happened, int fence)
    {
        if (!IsHeldUnder(fence)) throw new IllegalTransitionException(State, happened);
    }

    private void RequireLate(AttemptEvent happened, int fence)
    {
        if (!TakesLateEvents || fence >= Fence) throw new IllegalTransitionException(State, happened);
    }

    private void Move(AttemptEvent happened, AttemptState state, DateTimeOffset now, string? detail = null, HistoryCall? call = null)
    {
        State = state;
        UpdatedAt = now;
        Note(happened, now, detail, call);
    }

    private void Note(AttemptEvent happened, DateTimeOffset now, string? detail = null, HistoryCall? call = null) =>
        _history.Add(new AttemptHistoryEntry
        {
            Id = NextLineId(now),
            AttemptId = Id,
            At = now,
            Event = happened,
            State = State,
            Detail = detail,
            RequestId = OutsideText.Clean(call?.RequestId, AttemptEnding.MaxRequestIdLength),
            DurationMilliseconds = call is null ? null : (int)Math.Clamp(call.Took.TotalMilliseconds, 0, int.MaxValue),
            Sent = OutsideText.Clean(call?.Sent, AttemptHistoryEntry.MaxPayloadLength),
            Received = OutsideText.Clean(call?.Received, AttemptHistoryEntry.MaxPayloadLength),
        });

    // Two lines of one moment keep their order: it is their ids' order where the times are the same.
    private Guid NextLineId(DateTimeOffset now)
    {
        _lastLine = now > _lastLine ? now : _lastLine.AddMilliseconds(1);
        return Guid.CreateVersion7(_lastLine);
    }
}
