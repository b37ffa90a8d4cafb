using System.Security.Claims;
using AdminPortal.Domain.Settings;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Access;

/// <summary>
/// Where a second factor is required, lets somebody who has none do nothing but set one up: every page leads to that,
/// and everything else, circuits included, is refused. Such a session has no role either, so that the services refuse too.
/// </summary>
internal static class RequiredFactor
{
    /// <summary>Where a person sets it up.</summary>
    public const string Page = "/me";

    /// <summary>A session has it whose person has an authenticator app or a passkey. It is as old as the session's last check at most.</summary>
    public const string ClaimType = "adminportal:second-factor";

    /// <summary>Whether nothing is missing.</summary>
    public static bool IsMet(PortalOptions options, ClaimsPrincipal person) => !options.SignIn.RequireSecondFactor || person.HasClaim(claim => claim.Type == ClaimType);

    /// <summary>After <c>UseAuthentication</c>.</summary>
    public static void Use(WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<PortalOptions>>().Value;
        if (!options.SignIn.RequireSecondFactor) return;
        app.Use(async (context, next) =>
        {
            if (context.User.Identity is not { IsAuthenticated: true } || IsMet(options, context.User) || context.GetEndpoint() is not { } endpoint
                || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || endpoint.Metadata.GetMetadata<WithoutSecondFactorAttribute>() is not null)
            {
                await next(context);
                return;
            }

            context.Response.Headers.CacheControl = "no-store";
            if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status303SeeOther;
                context.Response.Headers.Location = Page;
                return;
            }

            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(context.RequestServices.GetRequiredService<IStringLocalizer<AccessText>>()["Required"], context.RequestAborted);
        });
    }
}
