using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>What the log says of single sign-on: never a token, a code, a secret, or the words of an exception that may hold one.</summary>
internal static partial class SingleSignOnLog
{
    [LoggerMessage(1, LogLevel.Warning, "Single sign-on: the authority did not answer as it should ({Trouble}).")]
    public static partial void NotAnswered(ILogger logger, string trouble);

    [LoggerMessage(2, LogLevel.Error, "Single sign-on: what the authority says about itself cannot be used. Its issuer has to be Portal:SingleSignOn:Authority, and it has to name keys and https addresses for signing in and for tokens.")]
    public static partial void Misconfigured(ILogger logger);

    [LoggerMessage(3, LogLevel.Error, "Single sign-on: what the authority says about itself cannot be read ({Trouble}).")]
    public static partial void NotRead(ILogger logger, string trouble);

    [LoggerMessage(5, LogLevel.Warning, "Single sign-on: the authority's token was not taken ({Trouble}).")]
    public static partial void TokenNotTaken(ILogger logger, string trouble);

    [LoggerMessage(
        6, LogLevel.Warning,
        "Single sign-on: the ID token leaves out the claim {Claim} of {User}, who is in too many groups. No role could be read, so the "
        + "sign-in was refused and nothing else changed. At the authority, limit the claim to the groups that are assigned to this "
        + "application, or use application roles.")]
    public static partial void GroupsLeftOut(ILogger logger, string claim, string user);

    [LoggerMessage(4, LogLevel.Warning, "Somebody was not let in by single sign-on: {Refusal}.")]
    public static partial void Refused(ILogger logger, SingleSignOnRefusal refusal);
}
