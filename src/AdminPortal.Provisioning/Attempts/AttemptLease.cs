using AdminPortal.Platform;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>How long a process may hold an attempt, and how the time of its request is bounded by that.</summary>
internal static class AttemptLease
{
    /// <summary>Longer than one request can take, so that an expired lease means a dead process.</summary>
    public static readonly TimeSpan Length = PlatformTransport.ConnectTimeout + PlatformTransport.AnswerTimeout + TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long after the moment before the claim the request's body may be sent: a request sent within this time is answered or
    /// given up before the lease expires.
    /// </summary>
    public static readonly TimeSpan SendWithin = Length - PlatformTransport.AnswerTimeout;

    /// <summary>
    /// How far the platform's clock may be behind the portal's if the platform did not report before the request when the token was
    /// refreshed: a token refreshed up to this long before the request was sent counts as refreshed by it. With a larger value, a
    /// refresh that the platform made by itself shortly before would be mistaken for the request's.
    /// </summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);
}
