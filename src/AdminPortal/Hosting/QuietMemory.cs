namespace AdminPortal.Hosting;

/// <summary>
/// Gives memory back when the portal has come to rest: the runtime collects only when something is asked of it, so that
/// what a start, an import or a full house has left would be held for as long as nothing happens.
/// </summary>
/// <remarks>The collection stops everything for a moment; at rest there is nobody whom it could hold up.</remarks>
internal sealed class QuietMemory(TimeProvider clock) : BackgroundService
{
    /// <summary>More than the portal allocates between two looks when nobody is there, in bytes.</summary>
    internal const long Little = 4 * 1024 * 1024;

    /// <summary>What has to have been allocated since the last time, in bytes: below it there is little to give back.</summary>
    internal const long Much = 16 * 1024 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private long _before;
    private long _given;

    /// <summary>All that was ever allocated, in bytes.</summary>
    internal Func<long> Allocated { get; init; } = static () => GC.GetTotalAllocatedBytes();

    internal Action Collect { get; init; } = static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>Collects where next to nothing has happened since the last look, and much before.</summary>
    internal void Look()
    {
        var now = Allocated();
        if (now - _before < Little && now - _given >= Much)
        {
            Collect();
            _given = now;
        }

        _before = now;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Look();
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
