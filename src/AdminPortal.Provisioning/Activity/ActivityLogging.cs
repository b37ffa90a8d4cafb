using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Activity;

internal static partial class ActivityLogging
{
    [LoggerMessage(1, LogLevel.Information, "{Count} lines of the activity record were tied to its chain.")]
    public static partial void Tied(ILogger logger, long count);

    [LoggerMessage(2, LogLevel.Critical, "The key of the activity record does not open any more. Lines up to {LastId} can no longer be proved; a new chain begins behind them, and the record says so.")]
    public static partial void KeyLost(ILogger logger, long lastId);
}
