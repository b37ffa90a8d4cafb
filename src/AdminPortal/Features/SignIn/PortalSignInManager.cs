using AdminPortal.Provisioning;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AdminPortal.Features.SignIn;

/// <summary>Keeps out who was disabled, and says for whom a password is not enough.</summary>
internal sealed class PortalSignInManager(
    UserManager<PortalUser> people,
    IHttpContextAccessor context,
    IUserClaimsPrincipalFactory<PortalUser> claims,
    IOptions<IdentityOptions> options,
    ILogger<SignInManager<PortalUser>> logger,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<PortalUser> confirmation,
    IOptions<PortalOptions> portal) : SignInManager<PortalUser>(people, context, claims, options, logger, schemes, confirmation)
{
    public override async Task<bool> CanSignInAsync(PortalUser user) => user.DisabledAt is null && await base.CanSignInAsync(user);

    /// <summary>Who has an authenticator app; where a second factor is required, also who has a passkey alone, and shows that then.</summary>
    public override async Task<bool> IsTwoFactorEnabledAsync(PortalUser user) =>
        user.HasAuthenticator || (portal.Value.SignIn.RequireSecondFactor && (await UserManager.GetPasskeysAsync(user)).Count > 0);
}
