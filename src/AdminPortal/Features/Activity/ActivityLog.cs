namespace AdminPortal.Features.Activity;

internal static partial class ActivityLog
{
    [LoggerMessage(1, LogLevel.Error, "The activity record could not be read.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "The download of the activity record broke off.")]
    public static partial void RecordExportFailed(ILogger logger, Exception exception);
}
