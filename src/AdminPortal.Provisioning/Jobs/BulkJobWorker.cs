using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>
/// Takes up the jobs that nobody works on. Woken by the feed and by a slow poll, so that what another process left
/// behind, or this one before it was stopped, is found.
/// </summary>
internal sealed class BulkJobWorker(BulkJobRunner runner, BulkJobFeed feed, TimeProvider clock, ILogger<BulkJobWorker> logger) : BackgroundService
{
    private const int MaxAtOnce = 8;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, Task> _underWay = new();

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // Requests that have left are waited for, so that what they changed is known here.
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
            BulkJobLog.LookFailed(logger, exception);
        }
    }

    // The entry is there before the work can end and remove it: otherwise a quick one would block its job for good.
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
            // Stopping before anything was begun.
        }
#pragma warning disable CA1031 // One job that cannot be worked on must not stop the others; its lease runs out and it is taken up again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BulkJobLog.WorkFailed(logger, id, exception);
        }
        finally
        {
            _underWay.TryRemove(id, out _);
        }
    }
}
