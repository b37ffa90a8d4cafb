using AdminPortal;
using AdminPortal.Access;
using AdminPortal.Commands;
using AdminPortal.Components;
using AdminPortal.Features.Activity;
using AdminPortal.Features.Api;
using AdminPortal.Features.Attempts;
using AdminPortal.Features.Callback;
using AdminPortal.Features.Help;
using AdminPortal.Features.Instances;
using AdminPortal.Features.Jobs;
using AdminPortal.Features.Lapses;
using AdminPortal.Features.SignIn;
using AdminPortal.Features.SingleSignOn;
using AdminPortal.Hosting;
using AdminPortal.Provisioning;

// Starts the portal, or runs a command such as "backup" or "doctor".
return await PortalCommandLine.RunAsync(args, (settings, wait) => PortalStart.RunAsync(settings, wait, builder =>
{
    builder.AddPortalHosting();
    builder.Services.AddProvisioning(builder.Configuration);
    builder.Services.AddPortalAccess();
    builder.Services.AddPortalSignIn();
    builder.Services.AddSingleSignOnPages(builder.Configuration);
    builder.Services.AddPortalApi();
    builder.Services.AddPortalUi();
    builder.Services.AddHelp();
}, app =>
{
    app.UsePortalPipeline();
    app.MapStaticAssets().AllowAnonymous(); // Style sheets and scripts hold nothing that needs a sign-in.
    app.MapHealth();
    app.MapSignIn();
    app.MapSingleSignOn();
    app.MapSessions();
    app.MapCallback();
    app.MapCallbackProbe();
    app.MapDeparture();
    app.MapSupportBundle();
    app.MapTokenReveal();
    app.MapCalendarFeed();
    app.MapExport();
    app.MapActivityExport();
    app.MapPortalApi();
    app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.DisableWebSocketCompression = true);
}));
