namespace AdminPortal.Sandbox.Tenancy;

internal static partial class TenantLog
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The sandbox's state file {Path} cannot be read. It was moved to {Aside}, and the sandbox starts empty.")]
    public static partial void StateFileDamaged(ILogger logger, string path, string aside);
}
