using AdminPortal.Domain.Settings;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AdminPortal.Access;

/// <summary>Users, sessions, cookies and policies, for all pages and endpoints.</summary>
internal static class AccessServices
{
    public static void AddPortalAccess(this IServiceCollection services)
    {
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        AddUsers(services);
        services.AddSessions();
        services.AddOptions<SecurityStampValidatorOptions>()
            .Configure<IOptions<PortalOptions>>((stamps, portal) => stamps.ValidationInterval = portal.Value.SessionCheckInterval);
        AddCookies(services);
        // Every endpoint requires a signed-in user unless it says otherwise.
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddOperationPolicies();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, CircuitSignIn>();
        services.AddScoped<SessionRenewal>();
        services.AddSingleton<IClaimsTransformation, ClientAddress>();
    }

    private static void AddUsers(IServiceCollection services)
    {
        services.AddPeople(identity =>
            {
                // Length makes a password strong; rules on characters only make it hard to remember.
                identity.Password.RequiredLength = 12;
                identity.Password.RequireDigit = false;
                identity.Password.RequireLowercase = false;
                identity.Password.RequireUppercase = false;
                identity.Password.RequireNonAlphanumeric = false;
                identity.Password.RequiredUniqueChars = 5;
            })
            .AddPasswordValidator<BlankRuns>()
            .AddClaimsPrincipalFactory<PortalClaims>()
            .AddSignInManager<PortalSignInManager>();
        // PBKDF2 over HMAC-SHA-512 with the number of rounds that OWASP advises. A hash of fewer rounds is replaced at the next sign-in.
        services.Configure<PasswordHasherOptions>(hashing => hashing.IterationCount = 210_000);
        services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            // A passkey counts as both factors, so its user has to unlock it; and it has to name its user.
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
            // The domain is that of the request, which is that of Portal:PublicBaseUrl: see RequestedHost. The whole origin is compared.
            passkeys.ValidateOrigin = context => ValueTask.FromResult(
                !context.CrossOrigin && context.Origin == $"{context.HttpContext.Request.Scheme}://{context.HttpContext.Request.Host}");
        });
    }

    private static void AddCookies(IServiceCollection services)
    {
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).Configure<PortalAddresses>((cookies, addresses) =>
        {
            cookies.LoginPath = "/sign-in";
            cookies.ReturnUrlParameter = "returnUrl";
            // The framework would repeat the address of any request, with its query.
            cookies.Events.OnRedirectToLogin = context =>
            {
                var address = LocalPath.Of(cookies.LoginPath, SecretAddresses.ReturnAddress(context.HttpContext));
                context.Response.Redirect($"{context.Request.Scheme}://{context.Request.Host}{address}");
                return Task.CompletedTask;
            };
            // A signed-in user gets no further by signing in: 403, with a page that says who may.
            cookies.Events.OnRedirectToAccessDenied = context => OperationPolicies.RefuseAsync(context.HttpContext);
            cookies.Cookie.Name = PortalCookie.Name("session", addresses);
            cookies.Cookie.HttpOnly = true;
            // Lax, not Strict: the user comes back from the provider by a link on a foreign site.
            cookies.Cookie.SameSite = SameSiteMode.Lax;
            cookies.Cookie.SecurePolicy = PortalCookie.Secure(addresses);
        });
        services.AddOptions<AntiforgeryOptions>().Configure<PortalAddresses>((antiforgery, addresses) =>
        {
            antiforgery.Cookie.Name = PortalCookie.Name("antiforgery", addresses);
            antiforgery.Cookie.SecurePolicy = PortalCookie.Secure(addresses);
        });
    }
}
