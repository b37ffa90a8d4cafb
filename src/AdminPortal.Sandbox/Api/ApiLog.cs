namespace AdminPortal.Sandbox.Api;

internal static partial class ApiLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed in the sandbox itself.")]
    public static partial void Failed(ILogger logger, string method, PathString path, Exception exception);
}
