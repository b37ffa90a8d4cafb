using System.Collections.Concurrent;
using System.Globalization;

namespace AdminPortal.Chaos.Inside;

/// <summary>The system's time, moved forward on demand; timers that this makes due fire at once.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private readonly ConcurrentDictionary<ShiftedTimer, bool> _timers = new();
    private long _offset = double.TryParse(Environment.GetEnvironmentVariable(Settings.ClockOffset), CultureInfo.InvariantCulture, out var seconds)
        ? TimeSpan.FromSeconds(seconds).Ticks
        : 0;

    /// <summary>The portal's clock.</summary>
    public static ShiftedTime Current { get; } = new();

    public TimeSpan Offset => new(Interlocked.Read(ref _offset));

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;

    public void Advance(TimeSpan by)
    {
        _ = Interlocked.Add(ref _offset, by.Ticks);
        if (by <= TimeSpan.Zero) return;
        foreach (var timer in _timers.Keys) timer.Bring(by);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ShiftedTimer(this, callback, state, dueTime, period);
        _timers[timer] = true;
        return timer;
    }

    private sealed class ShiftedTimer : ITimer
    {
        private readonly ShiftedTime _time;
        private readonly ITimer _inner;
        private readonly Lock _gate = new();
        private DateTimeOffset? _dueAt;
        private TimeSpan _period;

        public ShiftedTimer(ShiftedTime time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _time = time;
            _inner = System.CreateTimer(
                one =>
                {
                    lock (_gate) _dueAt = _period > TimeSpan.Zero ? System.GetUtcNow() + _period : null;
                    callback(one);
                },
                state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _ = Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                _period = period;
                _dueAt = dueTime >= TimeSpan.Zero ? System.GetUtcNow() + dueTime : null;
                return _inner.Change(dueTime, period);
            }
        }

        public void Bring(TimeSpan by)
        {
            lock (_gate)
            {
                if (_dueAt is not { } due) return;
                var left = due - by - System.GetUtcNow();
                left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
                _dueAt = System.GetUtcNow() + left;
                _ = _inner.Change(left, _period);
            }
        }

        public void Dispose()
        {
            _time._timers.TryRemove(this, out _);
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _time._timers.TryRemove(this, out _);
            return _inner.DisposeAsync();
        }
    }
}
