namespace AdminPortal.Platform;

/// <summary>What became of one call to the platform. Outcomes are values; the client throws for cancellation alone.</summary>
/// <typeparam name="T">What the platform answers with.</typeparam>
public abstract record PlatformOutcome<T>
{
    private PlatformOutcome()
    {
    }

    /// <summary>The platform did it and the answer was understood.</summary>
    public sealed record Success(T Value, string? RequestId) : PlatformOutcome<T>
    {
        /// <summary>Never prints the value: it may be an address with a state, or an instance with its token.</summary>
        public override string ToString() => nameof(Success);
    }

    /// <summary>The platform answered with a 4xx: it did not do it.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Message">The platform's message, verbatim but bounded.</param>
    /// <param name="ProviderMessage">What it passed on from the provider.</param>
    /// <param name="RequestId">Its request id.</param>
    /// <param name="RetryAfter">When to come back, where it said so.</param>
    public sealed record Refused(int Status, string Message, string? ProviderMessage, string? RequestId, TimeSpan? RetryAfter) : PlatformOutcome<T>;

    /// <summary>Proved unsent: the platform cannot have done anything.</summary>
    public sealed record Unreachable(UnsentReason Reason) : PlatformOutcome<T>;

    /// <summary>Sent, and no clear answer: the platform may have done it.</summary>
    /// <param name="Reason">What happened instead of an answer.</param>
    /// <param name="Status">The HTTP status, where there was one.</param>
    /// <param name="Message">The platform's message, where there was one.</param>
    /// <param name="RequestId">Its request id.</param>
    public sealed record Unknown(UnclearReason Reason, int? Status = null, string? Message = null, string? RequestId = null) : PlatformOutcome<T>;

    /// <summary>The platform's id of the request; null if it answered without one or not at all.</summary>
    public string? RequestIdOrNull => this switch
    {
        Success success => success.RequestId,
        Refused refused => refused.RequestId,
        Unknown unknown => unknown.RequestId,
        _ => null,
    };

    /// <summary>The same outcome of a call whose value is read differently.</summary>
    public PlatformOutcome<TOther> Select<TOther>(Func<T, TOther> read) => this switch
    {
        Success success => new PlatformOutcome<TOther>.Success(read(success.Value), success.RequestId),
        Refused refused => new PlatformOutcome<TOther>.Refused(refused.Status, refused.Message, refused.ProviderMessage, refused.RequestId, refused.RetryAfter),
        Unreachable unreachable => new PlatformOutcome<TOther>.Unreachable(unreachable.Reason),
        Unknown unknown => new PlatformOutcome<TOther>.Unknown(unknown.Reason, unknown.Status, unknown.Message, unknown.RequestId),
        _ => throw new InvalidOperationException($"Unexpected outcome {GetType().Name}."),
    };
}

/// <summary>Why a request never left.</summary>
public enum UnsentReason
{
    /// <summary>The host name does not resolve.</summary>
    NameNotFound,

    /// <summary>The host leads to an address to which the portal's requests may not go; see <see cref="OutgoingAddresses"/>.</summary>
    AddressNotAllowed,

    /// <summary>Nobody listens there, or the network is down.</summary>
    NotConnected,

    /// <summary>No connection within the time allowed.</summary>
    ConnectTimeout,

    /// <summary>The TLS handshake failed.</summary>
    Tls,

    /// <summary>A secret that the request needs does not open with the current key ring.</summary>
    SecretUnreadable,

    /// <summary>The process was paused between claim and request for so long that another one may have taken over.</summary>
    Paused,
}

/// <summary>What came instead of a clear answer.</summary>
public enum UnclearReason
{
    /// <summary>No answer within the time allowed.</summary>
    TimedOut,

    /// <summary>The connection broke.</summary>
    ConnectionLost,

    /// <summary>A 5xx.</summary>
    ServerError,

    /// <summary>A success whose body is not what is documented, or is too large.</summary>
    Unreadable,

    /// <summary>A redirect or another status that the contract does not know; redirects are not followed.</summary>
    UnexpectedStatus,
}
