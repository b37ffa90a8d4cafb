using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Maintenance;

internal static partial class MaintenanceLog
{
    [LoggerMessage(1, LogLevel.Information, "A backup was made: {File}. It holds {Contents}.")]
    public static partial void BackedUp(ILogger logger, string file, string contents);

    [LoggerMessage(2, LogLevel.Error, "The nightly backup was not made and is tried again in an hour. {Reason}")]
    public static partial void BackupFailed(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "The backup {File} was older than Portal:Backup:KeepDays and was removed.")]
    public static partial void Removed(ILogger logger, string file);

    [LoggerMessage(4, LogLevel.Warning, "The old backup {File} could not be removed: {Reason}")]
    public static partial void NotRemoved(ILogger logger, string file, string reason);
}
