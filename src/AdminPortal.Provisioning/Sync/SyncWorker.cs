using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Sync;

/// <summary>
/// Works off the syncs that are running, a few accounts at a time. Woken by the feed and by a slow poll, so that a run
/// that another process left behind, or this one before it was stopped, goes on where it was.
/// </summary>
internal sealed class SyncWorker(SyncRunner runner, SyncFeed feed, TimeProvider clock, ILogger<SyncWorker> logger) : BackgroundService
{
    private const int MaxAtOnce = 2;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, Task> _underWay = new();

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // They stop at once; what they had written stays, and the next process goes on from there.
        await Task.WhenAll(_underWay.Values).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken).ConfigureAwait(false);
            await feed.WaitAsync(Poll, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var id in await runner.FindDueAsync(stoppingToken).ConfigureAwait(false))
            {
                if (_underWay.Count >= MaxAtOnce) return;
                if (!_underWay.ContainsKey(id)) Begin(id, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
#pragma warning disable CA1031 // A database that is locked or full for a moment must not end the worker for good.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SyncLog.LookFailed(logger, exception);
        }
    }

    // The entry is there before the work can end and remove it: otherwise a quick one would block its run for good.
    private void Begin(Guid id, CancellationToken stoppingToken)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _underWay[id] = WorkAsync(id, entered.Task, stoppingToken);
        entered.SetResult();
    }

    private async Task WorkAsync(Guid id, Task entered, CancellationToken stoppingToken)
    {
        await entered.ConfigureAwait(false);
        try
        {
            await runner.RunAsync(id, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; the next process goes on at the page that was to be read.
        }
#pragma warning disable CA1031 // One run that cannot be worked on must not stop the others; its lease runs out and it goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SyncLog.WorkFailed(logger, id, exception);
        }
        finally
        {
            _underWay.TryRemove(id, out _);
        }
    }
}
