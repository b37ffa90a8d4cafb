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

    [LoggerMessage(5, LogLevel.Information, "The stored secrets are sealed again, each for the origin that it may be sent to: {Total} values. The database from before is kept as {Backup}.")]
    public static partial void ResealingBegun(ILogger logger, long total, string? backup);

    [LoggerMessage(6, LogLevel.Information, "Sealing the stored secrets again: {Done} of {Total} values, now in {Column}.")]
    public static partial void ResealingProgress(ILogger logger, long done, long total, string column);

    [LoggerMessage(7, LogLevel.Information, "All stored secrets are sealed for their origins: {Done} values were sealed again, {Unreadable} did not open and are listed on the page Keys.")]
    public static partial void ResealingDone(ILogger logger, long done, long unreadable);

    [LoggerMessage(8, LogLevel.Information, "Provider app {Name} may be used with {Origin}, because attempts or instances used it there.")]
    public static partial void AppAllowed(ILogger logger, string name, string origin);

    [LoggerMessage(9, LogLevel.Information, "Provider app {Name} was not used yet. An administrator allows it for a platform at its first use.")]
    public static partial void AppNotAllowed(ILogger logger, string name);
}
