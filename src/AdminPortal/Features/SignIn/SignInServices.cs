using AdminPortal.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Features.SingleSignOn;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>The slice's face: who may come in, and how.</summary>
internal static class SignInServices
{
    public static void AddPortalSignIn(this IServiceCollection services)
    {
        services.AddSingleton<SignInNames>();
        services.AddScoped<SignInDoor>();
        services.AddScoped<SignInTries>();
        services.AddScoped<SecondStepDoor>();
        services.AddScoped<CompletedSignIn>();
        services.AddSingleton<FirstAdministrator>();
        services.AddHostedService<SetupLink>();
    }

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
