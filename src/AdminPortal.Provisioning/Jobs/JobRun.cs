using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Jobs;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>A job while this process works on it.</summary>
#pragma warning disable CA1001 // Neither source has a timer or a wait handle, so there is nothing to dispose of; and whoever stops the job may come late.
internal sealed class JobRun(BulkJob job, TimeProvider clock)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _renewalEnds = new();
    private readonly Lock _gate = new();
    private DateTimeOffset? _pausedUntil;

    public BulkJob Job => job;

    /// <summary>Whether the job was cancelled before this run: only started items are decided, and nothing is sent.</summary>
    public bool IsCancelled => job.State == JobState.Cancelled;

    public Actor Actor { get; } = new(job.PersonId, job.PersonName);

    public CancellationToken Stopped => _stop.Token;

    public CancellationToken RenewalEnds => _renewalEnds.Token;

    public DateTimeOffset? PausedUntil
    {
        get
        {
            lock (_gate) return _pausedUntil;
        }
    }

    public bool IsPaused => PausedUntil > clock.GetUtcNow();

    public void Stop() => _stop.Cancel();

    public void EndRenewal() => _renewalEnds.Cancel();

    /// <returns>Whether that is later than what was known.</returns>
    public bool PauseUntil(DateTimeOffset time)
    {
        lock (_gate)
        {
            if (time <= _pausedUntil) return false;
            _pausedUntil = time;
            return true;
        }
    }

    public async Task WaitWhilePausedAsync()
    {
        while (PausedUntil is { } until && until - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
            await clock.WaitAsync(left, Stopped).ConfigureAwait(false);
        Stopped.ThrowIfCancellationRequested();
    }
}
