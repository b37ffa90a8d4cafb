using AdminPortal.Platform;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>A suspend-aware clock that moves only when told to.</summary>
internal sealed class TestSuspendAwareClock : ISuspendAwareClock
{
    private long _ticks = TimeSpan.FromHours(1).Ticks;

    public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
