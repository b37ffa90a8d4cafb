using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;

namespace AdminPortal.Domain.Attempts;

/// <summary>
/// One try at creating an instance, or at authorizing one anew: from the wizard's draft to its end. Every change of
/// state is one method here, and a method that the state does not allow throws.
/// </summary>
public sealed partial class ProvisioningAttempt : IVersioned
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
