using System.Globalization;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;

namespace AdminPortal.Provisioning.Attempts;

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

    /// <summary>The tenant that was entered or that the target belongs to, where the consent named another one.</summary>
    public string? ExpectedServer { get; private set; }

    // The exchange.

    public Sealed? Code { get; private set; }

    public DateTimeOffset? CodeReceivedAt { get; private set; }

    /// <summary>Which process holds the attempt.</summary>
    public Guid? ClaimedBy { get; private set; }

    /// <summary>Until when it holds it; afterwards the process is taken to be dead.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    public DateTimeOffset? SentAt { get; private set; }

    /// <summary>When the target's token had been refreshed last, as the platform told it before the request left; null where it did not.</summary>
    public DateTimeOffset? TargetRefreshedAt { get; private set; }

    /// <summary>How often the request was tried.</summary>
    public int Tries { get; private set; }

    /// <summary>
    /// When the worker has to see to it: to send or to search, or because a consent, a decision or a lease runs out then;
    /// null where it has nothing to do.
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

    /// <summary>As much of a stored attempt as a callback asks about; only what its methods change is saved: see <see cref="CallbackSql"/>.</summary>
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
    /// The callback brought a code for another Infusionsoft account than the one that was entered; the state is spent,
    /// and nothing is sent until a person has decided.
    /// </summary>
    internal void HoldCode(Sealed code, string consentedServer, string expectedServer, DateTimeOffset now, TimeSpan codeLifetime)
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
        LeaseUntil = now + lease;
        SentAt = now;
        TargetRefreshedAt = targetRefreshedAt;
        NextAt = LeaseUntil;
        Tries++;
        Move(AttemptEvent.Claimed, AttemptState.Provisioning, now);
    }

    /// <summary>
    /// The platform answered with the instance, new or authorized anew; the code is erased. It counts as well where another
    /// process has taken the attempt over meanwhile and is still looking, or has concluded that nothing was done: by a clock
    /// that jumped, a process that lives is taken for dead.
    /// </summary>
    internal void Succeed(Guid instanceId, long platformInstanceId, DateTimeOffset now, HistoryCall? call = null)
    {
        if (!MayStillBeAnswered) throw new IllegalTransitionException(State, AttemptEvent.Answered);
        Complete(AttemptEvent.Answered, instanceId, platformInstanceId, now, call);
    }

    /// <summary>Whether an answer to its request would be news.</summary>
    internal bool MayStillBeAnswered => State is AttemptState.Provisioning or AttemptState.Ambiguous
        || this is { State: AttemptState.Failed, Ending.Reason: EndingReason.NothingCreated or EndingReason.NothingChanged };

    /// <summary>From when on a look that finds nothing proves that there is nothing; null where nothing was sent.</summary>
    /// <param name="patience">How long after the request an instance may still appear.</param>
    internal DateTimeOffset? AbsenceCountsFrom(TimeSpan patience)
    {
        // Whose lease ran out may live after all, where the clock has jumped, and its request be under way: it gets the time that a
        // request can take once more.
        var heldUntil = Ending?.Reason == EndingReason.PortalStopped ? UpdatedAt + Provisioner.Lease : DateTimeOffset.MinValue;
        return SentAt + patience is { } patient && patient < heldUntil ? heldUntil : SentAt + patience;
    }

    /// <summary>The request was proved unsent or turned away for now, and the code is still young.</summary>
    internal void PutBack(AttemptEnding reason, DateTimeOffset now, DateTimeOffset nextAt, HistoryCall? call = null)
    {
        Require(AttemptEvent.PutBack, AttemptState.Provisioning);
        Release();
        SentAt = null;
        NextAt = nextAt;
        Ending = reason.Bounded();
        Move(AttemptEvent.PutBack, AttemptState.CodeReceived, now, Describe(reason), call);
    }

    /// <summary>The platform refused, or the request was never sent and the code is too old.</summary>
    internal void Fail(AttemptEnding ending, DateTimeOffset now, HistoryCall? call = null)
    {
        Require(AttemptEvent.Refused, AttemptState.Provisioning);
        End(AttemptEvent.Refused, AttemptState.Failed, ending, now, call);
    }

    /// <summary>The request may have been carried out and nobody knows.</summary>
    internal void LoseAnswer(AttemptEnding reason, DateTimeOffset now, HistoryCall? call = null)
    {
        Require(AttemptEvent.AnswerLost, AttemptState.Provisioning);
        Release();
        Code = null;
        NextAt = now;
        Ending = reason.Bounded();
        Move(AttemptEvent.AnswerLost, AttemptState.Ambiguous, now, Describe(reason), call);
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
