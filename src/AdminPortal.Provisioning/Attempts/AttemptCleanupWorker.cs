using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Keeps <see cref="AttemptCleanup"/> going, once an hour.</summary>
internal sealed class AttemptCleanupWorker(AttemptCleanup cleanup, TimeProvider clock, ILogger<AttemptCleanupWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            try
            {
                _ = await cleanup.RunAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A database that is locked or full for a moment must not end the worker for good.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                AttemptLog.CleanupFailed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
