using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Activity;

internal static partial class ActivityLogging
{
    [LoggerMessage(1, LogLevel.Information, "{Count} lines of the activity record were tied to its chain.")]
    public static partial void Tied(ILogger logger, long count);

    [LoggerMessage(2, LogLevel.Critical, "The key of the activity record does not open any more. Lines up to {LastId} can no longer be proved; a new chain begins behind them, and the record says so.")]
    public static partial void KeyLost(ILogger logger, long lastId);

    [LoggerMessage(3, LogLevel.Information, "Lines {FirstId} to {LastId} of the activity record were older than Portal:Activity:KeepDays. They were written to {File} and removed.")]
    public static partial void Removed(ILogger logger, long firstId, long lastId, string file);

    [LoggerMessage(4, LogLevel.Error, "Old activity was not removed and is tried again in an hour. {Reason}")]
    public static partial void NotRemoved(ILogger logger, string reason);
}
