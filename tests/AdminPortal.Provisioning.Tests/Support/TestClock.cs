namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>A clock that moves only when told to, or, with <see cref="FiresAtOnce"/>, whenever somebody waits for it.</summary>
internal sealed class TestClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<TestTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Every wait is over as soon as it begins, and the clock stands where it would have ended.</summary>
    public bool FiresAtOnce { get; init; }

    /// <summary>The waits that were begun.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan by)
    {
        List<TestTimer> due;
        lock (_gate)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.DueAt <= _now)];
            _ = _timers.RemoveAll(due.Contains);
        }

        foreach (var timer in due) timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new TestTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Start(TestTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            _ = _timers.Remove(timer);
            if (dueTime < TimeSpan.Zero) return;
            Waits.Add(dueTime);
            if (!FiresAtOnce)
            {
                timer.DueAt = _now + dueTime;
                _timers.Add(timer);
                return;
            }

            _now += dueTime;
        }

        _ = Task.Run(timer.Fire);
    }

    private sealed class TestTimer(TestClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset DueAt { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Start(this, dueTime);
            return true;
        }

        public void Dispose()
        {
            lock (clock._gate) _ = clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
