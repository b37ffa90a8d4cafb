
namespace AdminPortal.Provisioning.Attempts;

/// <summary>How long the portal waits before it tries again or looks again.</summary>
internal static class AttemptDelays
{
    /// <summary>The longest delay between two tries or two searches while an answer may still appear.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The delay between two searches of a platform that has not answered for a while.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    /// <summary>The delay after a number of tries: 2, 4, 8 ... seconds, up to <see cref="Longest"/>.</summary>
    public static TimeSpan Backoff(int done) => TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, 2 * Math.Pow(2, Math.Max(0, done - 1))));
}
