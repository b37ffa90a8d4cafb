namespace AdminPortal.Platform;

/// <summary>Measures elapsed time and counts the time during which the process or the machine was suspended.</summary>
/// <remarks>
/// <see cref="TimeProvider.GetTimestamp"/> does not count it on Linux: CLOCK_MONOTONIC stands still while the machine sleeps.
/// </remarks>
internal interface ISuspendAwareClock
{
    /// <summary>Time since a fixed moment in the past, usually the start of the machine.</summary>
    TimeSpan Elapsed { get; }
}
