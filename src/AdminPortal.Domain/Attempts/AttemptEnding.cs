using AdminPortal.Domain.Text;

namespace AdminPortal.Domain.Attempts;

/// <summary>How and why an attempt ended without an instance, or why it is waiting.</summary>
/// <param name="Reason">The sort of reason; it decides the sentence on the page.</param>
/// <param name="Status">The platform's HTTP status, where it answered.</param>
/// <param name="Message">The platform's or provider's own text, cleaned and bounded.</param>
/// <param name="ProviderMessage">What the platform passed on from the provider.</param>
/// <param name="RequestId">The platform's request id, to be quoted to its support.</param>
public sealed record AttemptEnding(
    EndingReason Reason,
    int? Status = null,
    string? Message = null,
    string? ProviderMessage = null,
    string? RequestId = null)
{
    public const int MaxMessageLength = 1000;
    public const int MaxRequestIdLength = 100;

    /// <summary>The same with every outside text cleaned of control characters and cut to its length.</summary>
    public AttemptEnding Bounded() => this with
    {
        Message = OutsideText.Clean(Message, MaxMessageLength),
        ProviderMessage = OutsideText.Clean(ProviderMessage, MaxMessageLength),
        RequestId = OutsideText.Clean(RequestId, MaxRequestIdLength),
    };
}

/// <summary>The sorts of reasons. The names are stored.</summary>
public enum EndingReason
{
    /// <summary>The provider sent <c>access_denied</c>.</summary>
    AccessDenied,

    /// <summary>The provider sent another error.</summary>
    ProviderError,

    /// <summary>Nobody came back in time.</summary>
    TimeRanOut,

    /// <summary>The consent was given for another Infusionsoft account than the one that was entered, or for one that was not named; nothing was sent.</summary>
    OtherAccount,

    /// <summary>The platform refused to create or to authorize the instance.</summary>
    Refused,

    /// <summary>The platform turned the request away for now (429).</summary>
    Busy,

    /// <summary>The platform was not reached; nothing was sent.</summary>
    Unreachable,

    /// <summary>A stored secret does not open with the current key ring; nothing was sent.</summary>
    SecretUnreadable,

    /// <summary>The platform account, the provider app or the element is not there any more; nothing was sent.</summary>
    SettingsGone,

    /// <summary>The provider app is not allowed for the origin of the platform account. Nothing was sent.</summary>
    AppNotAllowed,

    /// <summary>The request was sent and the answer is missing, unreadable or a server error.</summary>
    NoClearAnswer,

    /// <summary>The portal stopped while the request was under way.</summary>
    PortalStopped,

    /// <summary>The platform was searched completely and has no such instance.</summary>
    NothingCreated,

    /// <summary>The platform was looked at with patience and has not authorized the instance anew.</summary>
    NothingChanged,

    /// <summary>The instance that was to be authorized anew has been deleted meanwhile.</summary>
    TargetGone,
}
