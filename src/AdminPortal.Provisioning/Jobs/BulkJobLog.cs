using AdminPortal.Domain.Jobs;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Jobs;

internal static partial class BulkJobLog
{
    [LoggerMessage(1, LogLevel.Information, "Job {JobId} ({Kind}) is for {Total} instances.")]
    public static partial void Started(ILogger logger, Guid jobId, JobKind kind, int total);

    [LoggerMessage(2, LogLevel.Information, "Job {JobId} has ended: {Succeeded} succeeded, {Failed} failed, {Skipped} skipped.")]
    public static partial void Ended(ILogger logger, Guid jobId, int succeeded, int failed, int skipped);

    [LoggerMessage(3, LogLevel.Information, "Job {JobId} waits {Wait}: the platform is busy.")]
    public static partial void Paused(ILogger logger, Guid jobId, TimeSpan wait);

    [LoggerMessage(4, LogLevel.Error, "Job {JobId}: instance {InstanceId} could not be worked on.")]
    public static partial void ItemBroke(ILogger logger, Guid jobId, Guid instanceId, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The lease on job {JobId} could not be renewed; it is tried again in a moment.")]
    public static partial void RenewalFailed(ILogger logger, Guid jobId, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "Job {JobId}: the start of the call for instance {InstanceId} could not be stored, so nothing was sent. The job is taken up again.")]
    public static partial void MarkFailed(ILogger logger, Guid jobId, Guid instanceId, Exception exception);
}
