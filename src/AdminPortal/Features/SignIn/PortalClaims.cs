using System.Security.Claims;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AdminPortal.Features.SignIn;

/// <summary>Writes the person's role into the session. It is as old as the session's last check at most: see <see cref="SignInServices"/>.</summary>
internal sealed class PortalClaims(UserManager<PortalUser> people, IOptions<IdentityOptions> options) : UserClaimsPrincipalFactory<PortalUser>(people, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(PortalUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        if (Enum.IsDefined(user.Role)) identity.AddClaim(new Claim(ClaimTypes.Role, user.Role.ToString()));
        return identity;
    }
}
