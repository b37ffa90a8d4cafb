using AdminPortal.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Instances;

/// <summary>Keeps <see cref="ScheduledChecks"/> going: every second while something is due, otherwise now and then.</summary>
internal sealed class InstanceCheckWorker(ScheduledChecks checks, TimeProvider clock, ILogger<InstanceCheckWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(15);

    private readonly TroubleLog _trouble = new(logger);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Poll, clock);
        while (!stoppingToken.IsCancellationRequested)
        {
            timer.Period = await RunAsync(stoppingToken).ConfigureAwait(false) ? Beat : Poll;
            _ = await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            var more = await checks.RunAsync(stoppingToken).ConfigureAwait(false);
            _trouble.Succeeded();
            return more;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; a check that did not end is due again after its interval.
            return false;
        }
#pragma warning disable CA1031 // A database that is locked or full for a moment must not end the worker for good.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_trouble.IsNew(exception)) InstancesLog.ChecksFailed(logger, exception);
            return false;
        }
    }
}
