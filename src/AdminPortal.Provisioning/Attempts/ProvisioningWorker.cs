using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// Drains what is due from the database, a few attempts at a time. Woken by the feed and by a slow poll, so that what
/// another process left behind, or this one before it was stopped, is found.
/// </summary>
internal sealed class ProvisioningWorker(Provisioner provisioner, AttemptFeed feed, TimeProvider clock, ILogger<ProvisioningWorker> logger) : BackgroundService
{
    private const int MaxAtOnce = 8;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, Task> _underWay = new();

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // Requests that have left are waited for: their answers are good for one time only.
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
            await provisioner.SweepAsync(stoppingToken).ConfigureAwait(false);
            foreach (var (id, state) in await provisioner.FindDueAsync(stoppingToken).ConfigureAwait(false))
            {
                if (_underWay.Count >= MaxAtOnce) return;
                if (!_underWay.ContainsKey(id)) Begin(id, state, stoppingToken);
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
            AttemptLog.SweepFailed(logger, exception);
        }
    }

    // The entry is there before the work can end and remove it: otherwise a quick one would block its attempt for good.
    private void Begin(Guid id, AttemptState state, CancellationToken stoppingToken)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _underWay[id] = WorkAsync(id, state, entered.Task, stoppingToken);
        entered.SetResult();
    }

    private async Task WorkAsync(Guid id, AttemptState state, Task entered, CancellationToken stoppingToken)
    {
        await entered.ConfigureAwait(false);
        try
        {
            await (state == AttemptState.CodeReceived ? provisioner.ExchangeAsync(id) : provisioner.SearchAsync(id, stoppingToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; a search changes nothing and is begun again.
        }
#pragma warning disable CA1031 // One attempt that cannot be worked on must not stop the others; its lease runs out and it is looked for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            AttemptLog.WorkFailed(logger, id, exception);
        }
        finally
        {
            _underWay.TryRemove(id, out _);
        }
    }
}
