using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Sync;

/// <summary>Works off the syncs that are running, a few accounts at a time.</summary>
internal sealed class SyncWorker(SyncRunner runner, SyncFeed feed, TimeProvider clock, ILogger<SyncWorker> logger)
    : DueWorker(maxAtOnce: 2, feed.Worker, clock, logger)
{
    /// <inheritdoc />
    protected override async Task<IEnumerable<(Guid Id, Func<CancellationToken, Task> Work)>> FindDueAsync(CancellationToken stoppingToken) =>
        (await runner.FindDueAsync(stoppingToken).ConfigureAwait(false)).Select(id => (id, (Func<CancellationToken, Task>)(stopping => runner.RunAsync(id, stopping))));

    /// <inheritdoc />
    protected override void LookFailed(Exception exception) => SyncLog.LookFailed(logger, exception);

    /// <inheritdoc />
    protected override void WorkFailed(Guid id, Exception exception) => SyncLog.WorkFailed(logger, id, exception);
}
