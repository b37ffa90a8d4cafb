using AdminPortal.Provisioning.SingleSignOn;

namespace AdminPortal.Hosting.SingleSignOn;

/// <summary>
/// Log messages of single sign-on. They contain no token, code or secret, and no text of an exception, which may quote one.
/// </summary>
internal static partial class SingleSignOnEventLog
{
    [LoggerMessage(1, LogLevel.Warning, "Single sign-on: the authority did not answer as it should ({Trouble}).")]
    public static partial void NotAnswered(ILogger logger, string trouble);

    [LoggerMessage(
        2, LogLevel.Error,
        "Single sign-on: the authority's metadata cannot be used. Its issuer has to be Portal:SingleSignOn:Authority. It has to name "
        + "signing keys and https addresses for signing in and for tokens, and must not require pushed authorization requests.")]
    public static partial void Misconfigured(ILogger logger);

    [LoggerMessage(3, LogLevel.Error, "Single sign-on: the authority's metadata cannot be read ({Trouble}).")]
    public static partial void NotRead(ILogger logger, string trouble);

    [LoggerMessage(5, LogLevel.Warning, "Single sign-on: the authority's response was not taken ({Trouble}).")]
    public static partial void NotTaken(ILogger logger, string trouble);

    [LoggerMessage(4, LogLevel.Warning, "Somebody was not let in by single sign-on: {Refusal}.")]
    public static partial void Refused(ILogger logger, SingleSignOnRefusal refusal);
}
