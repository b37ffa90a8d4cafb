namespace AdminPortal.Features.Jobs;

internal static partial class JobsLog
{
    [LoggerMessage(2, LogLevel.Error, "Job {JobId} could not be read.")]
    public static partial void JobFailed(ILogger logger, Guid jobId, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "The download of export {JobId} broke off.")]
    public static partial void ExportFailed(ILogger logger, Guid jobId, Exception exception);
}
