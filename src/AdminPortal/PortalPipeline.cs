using AdminPortal.Access;
using AdminPortal.Features.Api;
using AdminPortal.Hosting;

namespace AdminPortal;

/// <summary>The order of the middleware. It is beside Program.cs because it is the one place that knows all folders.</summary>
internal static class PortalPipeline
{
    public static void UsePortalPipeline(this WebApplication app)
    {
        SecretAddresses.Use(app);
        SecurityHeaders.Use(app);
        // So that everything behind it sees the address that the browser came from.
        app.UseForwardedHeaders();
        RequestedHost.Use(app);
        SecretAddresses.UseForWaysBack(app);
        CircuitOrigin.Use(app);
        if (!app.Environment.IsDevelopment()) app.UseExceptionHandler("/error", createScopeForErrors: true);

        // Behind the pages for errors, so that a database in trouble is told in its own words.
        StorageTrouble.Use(app);
        app.UseStatusCodePagesWithReExecute("/status/{0}", createScopeForStatusCodePages: true);
        ForgeryGate.UseReadingOfErrorPages(app);
        ApiErrors.Use(app);
        app.UseRouting();
        SecretAddresses.UseForOtherMethods(app);
        ApiErrors.UseForUnknown(app);
        app.UseRateLimiter();
        app.UseAuthentication();
        RequiredFactor.Use(app);
        app.UseAuthorization();
        app.UseAntiforgery();
        ForgeryGate.Use(app);
    }
}
