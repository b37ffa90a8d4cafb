namespace AdminPortal.Features.Lapses;

internal static partial class LapsesLog
{
    [LoggerMessage(1, LogLevel.Error, "The calendar of lapses could not be read.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);
}
