using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.KeyRing;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Keys;

/// <summary>Works on the rotation that is running, if one is.</summary>
internal sealed class RotationWorker(RotationRunner runner, RotationFeed feed, TimeProvider clock, ILogger<RotationWorker> logger)
    : DueWorker(maxAtOnce: 1, feed.Worker, clock, logger)
{
    /// <inheritdoc />
    protected override async Task<IEnumerable<(Guid Id, Func<CancellationToken, Task> Work)>> FindDueAsync(CancellationToken stoppingToken) =>
        (await runner.FindDueAsync(stoppingToken).ConfigureAwait(false)).Select(id => (id, (Func<CancellationToken, Task>)(stopping => runner.RunAsync(id, stopping))));

    /// <inheritdoc />
    protected override void LookFailed(Exception exception) => KeysLog.LookFailed(logger, exception);

    /// <inheritdoc />
    protected override void WorkFailed(Guid id, Exception exception) => KeysLog.WorkFailed(logger, id, exception);
}
