using System.Security.Claims;
using AdminPortal.Domain.Users;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AdminPortal.Access;

/// <summary>Lets a cookie pass only as long as its session holds. Asked once in a while: see <see cref="Domain.Settings.PortalOptions.SessionCheckInterval"/>.</summary>
internal sealed class SessionValidator(
    IOptions<SecurityStampValidatorOptions> options, SignInManager<PortalUser> signIn, ILoggerFactory loggers, PeopleService people,
    SessionService sessions, KnownBrowsers browsers, PortalAddresses addresses)
    : SecurityStampValidator<PortalUser>(options, signIn, loggers)
{
    /// <summary>
    /// Looks in a scope of its own. A request's scope lasts as long as the request, which for the connection of a circuit is as
    /// long as its page is open, and would hold all that the look took: an EF Core context with what belongs to it.
    /// </summary>
    public static async Task LookAsync(CookieValidatePrincipalContext context)
    {
        await using var scope = context.HttpContext.RequestServices.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ISecurityStampValidator>().ValidateAsync(context);
    }

    protected override async Task<PortalUser?> VerifySecurityStamp(ClaimsPrincipal? principal)
    {
        if (principal is null || await base.VerifySecurityStamp(principal) is not { } person) return null;
        return await people.IsCurrentAsync(person.Id, principal.FindFirstValue(SignInManager.Options.ClaimsIdentity.SecurityStampClaimType), principal.SessionId(), CancellationToken.None)
            ? person
            : null;
    }

    protected override async Task SecurityStampVerified(PortalUser user, CookieValidatePrincipalContext context)
    {
        var session = context.Principal!.SessionId()!.Value;
        // Requests for circuits are none of the person's: a page that lies open asks for its circuit again by itself.
        if (!CircuitOrigin.Guards(context.HttpContext.Request.Path)) await sessions.SeeAsync(session, context.HttpContext.RequestAborted);
        await RememberBrowserAsync(user, context.HttpContext);
        await base.SecurityStampVerified(user, context);
        // The principal was made anew.
        if (context.Principal is { Identity: ClaimsIdentity identity } && context.Principal.SessionId() is null) identity.AddClaim(new Claim(SessionClaim.Type, session.ToString()));
    }

    // The first release did not give this cookie, so a browser with a session from then gets it now. Only pages are asked for
    // one at a time: other requests of the same page could each add a browser.
    private async Task RememberBrowserAsync(PortalUser user, HttpContext request)
    {
        if (!HttpMethods.IsGet(request.Request.Method) || CircuitOrigin.Guards(request.Request.Path)
            || KnownBrowserCookie.Read(request, addresses) is not null
            || !request.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return;
        KnownBrowserCookie.Give(request, addresses, await browsers.RememberAsync(user.Id, null, request.RequestAborted));
    }
}
