namespace AdminPortal.Domain;

internal static class ClockWaits
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits by this clock.</summary>
    public static async Task WaitAsync(this TimeProvider clock, TimeSpan time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(time > Shortest ? time : Shortest, clock);
        _ = await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }
}
