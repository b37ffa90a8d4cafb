using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Instances;

internal static partial class InstancesLog
{
    [LoggerMessage(1, LogLevel.Error, "The scheduled checks of instances broke off; they go on in a moment.")]
    public static partial void ChecksFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Platform account {AccountId}: {InARow} scheduled checks in a row had no answer; none are made until {Until}.")]
    public static partial void AccountRests(ILogger logger, Guid accountId, int inARow, DateTimeOffset until);
}
