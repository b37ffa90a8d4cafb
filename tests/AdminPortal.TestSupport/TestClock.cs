using Microsoft.Extensions.Time.Testing;

namespace AdminPortal.TestSupport;

/// <summary>
/// A fake clock that starts at noon (UTC) on 1 March 2026. With <see cref="FiresAtOnce"/> it advances by itself: each timer fires as
/// soon as it is created, which <see cref="FakeTimeProvider"/> cannot do.
/// </summary>
public sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _gate = new();

    /// <summary>True to advance to the due time of each new timer.</summary>
    public bool FiresAtOnce { get; init; }

    /// <summary>Due times of the created timers, relative to their creation.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime < TimeSpan.Zero) return timer;
        lock (_gate) Waits.Add(dueTime);
        // On another thread: the callback may run only after the caller has the timer.
        if (FiresAtOnce) _ = Task.Run(() => Advance(dueTime));
        return timer;
    }
}
