namespace AdminPortal.Domain.Attempts;

/// <summary>
/// When the platform is searched again after the portal has concluded that nothing was created: a gateway may carry a request
/// out long after it dropped the connection.
/// </summary>
internal static class LateSearchSchedule
{
    /// <summary>How long after the conclusion the platform is searched again.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromHours(24);

    /// <summary>When a search that broke off after the last time of the schedule is repeated.</summary>
    public static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan[] Times =
    [
        TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(45),
        TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(15), Span,
    ];

    /// <summary>The first time of the schedule that is still ahead; null where it is over.</summary>
    /// <param name="concludedAt">When the portal concluded that nothing was created.</param>
    /// <param name="now">The time.</param>
    public static DateTimeOffset? Next(DateTimeOffset concludedAt, DateTimeOffset now)
    {
        foreach (var time in Times)
        {
            if (concludedAt + time > now) return concludedAt + time;
        }

        return null;
    }

    /// <summary>When to search again after a search that broke off and proves nothing; null where that was tried for another day.</summary>
    /// <param name="concludedAt">When the portal concluded that nothing was created.</param>
    /// <param name="now">The time.</param>
    public static DateTimeOffset? AfterBrokenSearch(DateTimeOffset concludedAt, DateTimeOffset now) =>
        Next(concludedAt, now) ?? (now < concludedAt + (2 * Span) ? now + RepeatAfter : null);
}
