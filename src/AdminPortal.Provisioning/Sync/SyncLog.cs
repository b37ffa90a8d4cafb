using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Sync;

internal static partial class SyncLog
{
    [LoggerMessage(1, LogLevel.Information, "Sync {RunId} goes on at page {Page}.")]
    public static partial void Claimed(ILogger logger, Guid runId, int page);

    [LoggerMessage(2, LogLevel.Information, "Sync {RunId} is complete: {Pages} pages, {Seen} instances.")]
    public static partial void Completed(ILogger logger, Guid runId, int pages, int seen);

    [LoggerMessage(3, LogLevel.Warning, "Sync {RunId} broke off at page {Page}.")]
    public static partial void BrokeOff(ILogger logger, Guid runId, int page);

    [LoggerMessage(4, LogLevel.Warning, "Sync {RunId}: the platform refuses the cursor it was left with; it begins again from the first page.")]
    public static partial void CursorRefused(ILogger logger, Guid runId);

    [LoggerMessage(7, LogLevel.Warning, "Sync {RunId}: the list changed while it was read and left out at least {LeftOut} instances; it is read again.")]
    public static partial void ListChanged(ILogger logger, Guid runId, int leftOut);
}
