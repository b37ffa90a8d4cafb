using AdminPortal.Domain.Settings;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AdminPortal.Access;

/// <summary>The slice's face: sessions, and confirming in one of them who one is.</summary>
internal static class SessionServices
{
    /// <summary>After the sign-in manager, whose own check of the cookie it replaces.</summary>
    public static void AddSessions(this IServiceCollection services)
    {
        services.Replace(ServiceDescriptor.Scoped<ISecurityStampValidator, SessionValidator>());
        services.AddScoped<Confirmation>();
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).Configure<IOptions<PortalOptions>>((cookies, portal) =>
        {
            cookies.Events.OnValidatePrincipal = SessionValidator.LookAsync;
            // The session's row says when it is over; the cookie only has to last as long as that can be.
            cookies.ExpireTimeSpan = portal.Value.Sessions.AbsoluteLimit;
            cookies.SlidingExpiration = true;
        });
    }

    public static void MapSessions(this WebApplication app)
    {
        app.MapConfirmation();
        app.MapSeen();
    }
}
