namespace AdminPortal.Features.Instances;

internal static partial class InstancesLog
{
    [LoggerMessage(1, LogLevel.Error, "The list of instances could not be read.")]
    public static partial void ListFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Instance {InstanceId} could not be read.")]
    public static partial void ReadFailed(ILogger logger, Exception exception, Guid instanceId);
}
