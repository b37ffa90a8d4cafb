using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Takes up the jobs that nobody works on.</summary>
internal sealed class BulkJobWorker(BulkJobRunner runner, BulkJobFeed feed, TimeProvider clock, ILogger<BulkJobWorker> logger)
    : DueWorker(maxAtOnce: 8, feed.Worker, clock, logger)
{
    /// <inheritdoc />
    protected override async Task<IEnumerable<(Guid Id, Func<CancellationToken, Task> Work)>> FindDueAsync(CancellationToken stoppingToken) =>
        (await runner.FindDueAsync(stoppingToken).ConfigureAwait(false)).Select(id => (id, (Func<CancellationToken, Task>)(stopping => runner.RunAsync(id, stopping))));

    /// <inheritdoc />
    protected override void LookFailed(Exception exception) => BulkJobLog.LookFailed(logger, exception);

    /// <inheritdoc />
    protected override void WorkFailed(Guid id, Exception exception) => BulkJobLog.WorkFailed(logger, id, exception);
}
