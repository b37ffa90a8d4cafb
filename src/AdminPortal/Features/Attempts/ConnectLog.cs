namespace AdminPortal.Features.Attempts;

internal static partial class ConnectLog
{
    [LoggerMessage(1, LogLevel.Error, "The attempts could not be read.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);
}
