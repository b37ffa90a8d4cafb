using AdminPortal.Domain.Attempts;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Attempts;

internal static partial class AttemptLog
{
    [LoggerMessage(1, LogLevel.Information, "Attempt {AttemptId} is now {State} ({Event}).")]
    public static partial void Moved(ILogger logger, Guid attemptId, AttemptState state, AttemptEvent @event);

    [LoggerMessage(2, LogLevel.Warning, "Attempt {AttemptId}: the platform refused, status {Status}, request {RequestId}.")]
    public static partial void Refused(ILogger logger, Guid attemptId, int status, string? requestId);

    [LoggerMessage(3, LogLevel.Warning, "Attempt {AttemptId}: no clear answer ({Reason}); the platform will be looked at.")]
    public static partial void AnswerLost(ILogger logger, Guid attemptId, EndingReason reason);

    [LoggerMessage(6, LogLevel.Information, "Nobody came back to them for long: {Drafts} drafts were removed, and the secrets of {Ended} ended attempts erased.")]
    public static partial void CleanedUp(ILogger logger, int drafts, int ended);

    [LoggerMessage(8, LogLevel.Warning, "The connection by which callbacks were written could not be closed; the next ones get another one.")]
    public static partial void DeskNotClosed(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Warning, "Attempt {AttemptId}: the request was not sent. The process was paused after its claim, and another one may have taken over.")]
    public static partial void Withheld(ILogger logger, Guid attemptId);

    [LoggerMessage(10, LogLevel.Warning, "Attempt {AttemptId} is {State}: another process has taken over, and the outcome of this process's claim changes nothing.")]
    public static partial void Outdated(ILogger logger, Guid attemptId, AttemptState state);
}
