using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Features.SingleSignOn;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.People;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AdminPortal.Features.SignIn;

/// <summary>The slice's face: who may come in, and how.</summary>
internal static class SignInServices
{
    public static void AddPortalSignIn(this IServiceCollection services)
    {
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        services.AddPeople(identity =>
            {
                // Length is what makes a password strong; rules on characters only make it hard to remember.
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
        // PBKDF2 over HMAC-SHA-512, as often as OWASP advises. A hash of fewer rounds is made anew at the next sign-in.
        services.Configure<PasswordHasherOptions>(hashing => hashing.IterationCount = 210_000);
        services.AddSessions();
        services.AddOptions<SecurityStampValidatorOptions>().Configure<IOptions<PortalOptions>>((stamps, portal) => stamps.ValidationInterval = portal.Value.SessionCheckInterval);

        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).Configure<PortalAddresses>((cookies, addresses) =>
        {
            cookies.LoginPath = "/sign-in";
            cookies.ReturnUrlParameter = "returnUrl";
            // The framework would repeat the address of any request, with its query.
            cookies.Events.OnRedirectToLogin = context =>
            {
                context.Response.Redirect($"{context.Request.Scheme}://{context.Request.Host}{LocalPath.Of(cookies.LoginPath, SecretAddresses.ReturnAddress(context.HttpContext))}");
                return Task.CompletedTask;
            };
            // Somebody who is signed in gets no further by signing in: 403, with a page that says who may.
            cookies.Events.OnRedirectToAccessDenied = context => OperationPolicies.RefuseAsync(context.HttpContext);
            cookies.Cookie.Name = PortalCookie.Name("session", addresses);
            cookies.Cookie.HttpOnly = true;
            // Lax, not Strict: the person comes back from the provider by a link on a foreign site.
            cookies.Cookie.SameSite = SameSiteMode.Lax;
            cookies.Cookie.SecurePolicy = PortalCookie.Secure(addresses);
        });
        services.AddOptions<Microsoft.AspNetCore.Antiforgery.AntiforgeryOptions>().Configure<PortalAddresses>((antiforgery, addresses) =>
        {
            antiforgery.Cookie.Name = PortalCookie.Name("antiforgery", addresses);
            antiforgery.Cookie.SecurePolicy = PortalCookie.Secure(addresses);
        });

        // Everything needs a signed-in person unless it says otherwise.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()).AddOperationPolicies();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, CircuitSignIn>();
        services.AddSingleton<SignInNames>();
        services.AddScoped<SignInDoor>();
        services.AddScoped<SignInTries>();
        services.AddScoped<SessionRenewal>();
        services.AddScoped<SecondStepDoor>();
        services.AddScoped<CompletedSignIn>();
        services.AddPasskeys();
        services.AddSingleton<FirstAdministrator>();
        services.AddSingleton<IClaimsTransformation, ClientAddress>();
        services.AddHostedService<SetupLink>();
    }

    /// <summary>The id of the signed-in person.</summary>
    public static Guid? PersonId(this ClaimsPrincipal person) =>
        Guid.TryParse(person.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? id : null;

    public static void MapSignIn(this WebApplication app)
    {
        app.MapPasskeys();
        app.MapPost("/sign-out", static async (SignInManager<PortalUser> signIn, AccessRecord record, HttpContext context) =>
        {
            if (context.User.PersonId() is not null) await record.SignedOutAsync(context.User.Actor(), context.RequestAborted);
            await signIn.SignOutAsync();
            return await SingleSignOnEndpoints.EndAsync(context) ?? Results.LocalRedirect("/sign-in");
        }).WithMetadata(new WithoutSecondFactorAttribute());
    }
}
