using AdminPortal.Domain;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Keeps <see cref="NightlyBackups"/> going.</summary>
internal sealed class NightlyBackupWorker(NightlyBackups backups, TimeProvider clock) : BackgroundService
{
    // A machine that slept, or a clock that was set, is noticed within this time.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Copying goes on beside the start, not before it.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested && await backups.RunAsync(stoppingToken).ConfigureAwait(false) is { } next)
        {
            while (clock.GetUtcNow() is var now && now < next && !stoppingToken.IsCancellationRequested)
                await clock.WaitAsync(next - now < LongestWait ? next - now : LongestWait, stoppingToken).ConfigureAwait(false);
        }
    }
}
