using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Log messages about users of single sign-on. The web host logs what concerns the protocol.</summary>
internal static partial class SingleSignOnLog
{
    [LoggerMessage(
        6, LogLevel.Warning,
        "Single sign-on: the ID token leaves out the claim {Claim} of {User}, who is in too many groups. No role could be read, so the "
        + "sign-in was refused and nothing else changed. At the authority, limit the claim to the groups that are assigned to this "
        + "application, or use application roles.")]
    public static partial void GroupsLeftOut(ILogger logger, string claim, string user);
}
