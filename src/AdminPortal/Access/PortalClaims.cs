using System.Security.Claims;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AdminPortal.Access;

/// <summary>Writes the person's role into the session. It is as old as the session's last check at most: see <see cref="AccessServices"/>.</summary>
internal sealed class PortalClaims(UserManager<PortalUser> people, IOptions<IdentityOptions> options, IOptions<PortalOptions> portal, FactorService factors)
    : UserClaimsPrincipalFactory<PortalUser>(people, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(PortalUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        // Where a second factor is required, nobody has a role without one: see RequiredFactor. Whoever comes by single
        // sign-on alone has the factors that the authority asks for.
        if (portal.Value.SignIn.RequireSecondFactor)
        {
            if (!await factors.MeetsRequirementAsync(user.Id, CancellationToken.None)) return identity;
            identity.AddClaim(new Claim(RequiredFactor.ClaimType, "set"));
        }

        if (Enum.IsDefined(user.Role)) identity.AddClaim(new Claim(ClaimTypes.Role, user.Role.ToString()));
        return identity;
    }
}
