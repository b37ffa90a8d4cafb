using AdminPortal.Domain;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Background;

/// <summary>Runs a scheduled task for as long as the portal runs.</summary>
internal sealed partial class ScheduledWorker<TTask>(TTask task, TimeProvider clock, ILogger<TTask> logger) : BackgroundService
    where TTask : IScheduledTask
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);

    // A machine that slept, or a clock that was set, is noticed within this time.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first run must not delay the start.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested && await RunAsync(stoppingToken).ConfigureAwait(false) is { } next)
        {
            while (clock.GetUtcNow() is var now && now < next && !stoppingToken.IsCancellationRequested)
                await clock.WaitAsync(next - now < LongestWait ? next - now : LongestWait, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<DateTimeOffset?> RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await task.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return null;
        }
#pragma warning disable CA1031 // A database that is locked or full for a moment must not end the worker for good.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failed(logger, typeof(TTask).Name, exception);
            return clock.GetUtcNow() + RetryAfter;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The scheduled task {Task} failed. It is tried again in an hour.")]
    private static partial void Failed(ILogger logger, string task, Exception exception);
}
