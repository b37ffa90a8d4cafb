using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// Exchanges the codes that have come back, ends what has run out, looks for what unanswered exchanges came to, and looks at
/// what was created.
/// </summary>
internal sealed class ProvisioningWorker(Provisioner provisioner, AttemptFeed feed, TimeProvider clock, ILogger<ProvisioningWorker> logger)
    : DueWorker(maxAtOnce: 8, feed.Worker, clock, logger)
{
    /// <inheritdoc />
    protected override async Task<IEnumerable<(Guid Id, Func<CancellationToken, Task> Work)>> FindDueAsync(CancellationToken stoppingToken) =>
        (await provisioner.FindDueAsync(stoppingToken).ConfigureAwait(false))
            .Select(due => (due.Id, (Func<CancellationToken, Task>)(stopping => provisioner.WorkAsync(due.Id, due.State, stopping))));

    /// <inheritdoc />
    protected override void LookFailed(Exception exception) => AttemptLog.LookFailed(logger, exception);

    /// <inheritdoc />
    protected override void WorkFailed(Guid id, Exception exception) => AttemptLog.WorkFailed(logger, id, exception);
}
