using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.People;

/// <summary>Keeps <see cref="SessionService.CleanUpAsync"/> going, once an hour.</summary>
internal sealed partial class SessionCleanupWorker(SessionService sessions, TimeProvider clock, ILogger<SessionCleanupWorker> logger) : BackgroundService
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
                _ = await sessions.CleanUpAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A database that is locked or full for a moment must not end the worker for good.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Failed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    [LoggerMessage(1, LogLevel.Error, "Sessions that are over could not be cleaned up. It is tried again in an hour.")]
    private static partial void Failed(ILogger logger, Exception exception);
}
