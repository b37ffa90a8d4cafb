using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>
/// The cookie of a user whose password was right and who has not taken the second step yet. It lasts a few minutes, and becomes
/// invalid when the user is changed: a new password has a new security stamp.
/// </summary>
internal static class SecondStepTicket
{
    private const string StampClaim = "adminportal:stamp";

    public static Task GiveAsync(HttpContext context, PortalUser user)
    {
        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, user.Id.ToString()), new Claim(StampClaim, user.SecurityStamp ?? "")], IdentityConstants.TwoFactorUserIdScheme);
        return context.SignInAsync(IdentityConstants.TwoFactorUserIdScheme, new ClaimsPrincipal(identity));
    }

    /// <summary>The user that the cookie was given to; null where there is none, it is too old, or the user was changed since.</summary>
    public static async Task<PortalUser?> ReadAsync(HttpContext context, UserManager<PortalUser> users)
    {
        var ticket = await context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme);
        if (ticket.Principal is not { } principal || principal.FindFirstValue(StampClaim) is not { Length: > 0 } stamp || principal.PersonId() is not { } id) return null;
        return await users.FindByIdAsync(id.ToString()) is { DisabledAt: null } user && user.SecurityStamp == stamp ? user : null;
    }

    public static Task TakeAsync(HttpContext context) => context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
}
