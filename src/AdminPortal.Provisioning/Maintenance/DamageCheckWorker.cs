using AdminPortal.Domain;
using AdminPortal.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>
/// Keeps <see cref="DamageChecks"/> going: each table once in <see cref="Round"/>, spread over it, and all tables at once after a
/// statement has failed because of damage.
/// </summary>
internal sealed partial class DamageCheckWorker(DamageChecks checks, DamageWatch watch, TimeProvider clock, ILogger<DamageCheckWorker> logger) : BackgroundService
{
    /// <summary>Within this time every table is checked once.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromMinutes(15);

    /// <summary>How long after a check that was asked for the next one begins at the earliest.</summary>
    public static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);

    private readonly TroubleLog _trouble = new(logger);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(GoRoundAsync(stoppingToken), AnswerAsync(stoppingToken));

    private async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await clock.WaitAsync(Apart, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RunAsync(tables => clock.WaitAsync((Round - Apart) / tables, stoppingToken), stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await watch.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RunAsync(_ => Task.CompletedTask, stoppingToken).ConfigureAwait(false);
            await clock.WaitAsync(Apart, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(Func<int, Task> pauseAsync, CancellationToken stoppingToken)
    {
        try
        {
            await Task.Run(() => checks.RunAsync(pauseAsync, stoppingToken), stoppingToken).ConfigureAwait(false);
            _trouble.Succeeded();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
#pragma warning disable CA1031 // A database that is locked or out of reach for a moment must not end the checks for good.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            watch.Report(exception);
            if (_trouble.IsNew(exception)) NotChecked(logger, exception);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The database could not be checked for damage. It is tried again.")]
    private static partial void NotChecked(ILogger logger, Exception exception);
}
