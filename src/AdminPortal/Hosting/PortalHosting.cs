using AdminPortal.Features.Api;
using AdminPortal.Features.Connect;
using AdminPortal.Features.SignIn;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Storage;
using FluentValidation;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Radzen;

namespace AdminPortal.Hosting;

/// <summary>How the portal is hosted: logging, proxies, headers, health, start.</summary>
internal static partial class PortalHosting
{
    public static void AddPortalHosting(this WebApplicationBuilder builder)
    {
        // Style sheets and scripts of packages, when run from the build output.
        if (builder.Environment.IsDevelopment()) builder.WebHost.UseStaticWebAssets();

        // The framework's request log prints queries, and the callback's query holds the code. It also lends its path to every
        // other line as a scope, and the path of a calendar is a secret: that ends with its highest level alone.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        // At its lower levels, SignalR prints what people type into the forms of circuits.
        builder.Logging.AddFilter("Microsoft.AspNetCore.SignalR", LogLevel.Warning);

        // At its lowest level, routing prints paths too; at Information two lines for every request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Routing", LogLevel.Warning);

        // A request to the platform that has left is waited for, so that its answer is not lost.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(45));

        // Nothing but the address that a browser came from is taken from a proxy: scheme and host are configured.
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<PortalOptions>>((forwarded, portal) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
            foreach (var proxy in portal.Value.TrustedProxies) forwarded.KnownIPNetworks.Add(PortalOptions.ReadNetwork(proxy)!.Value);
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // There are no uploads: forms are small, and circuits have a limit of their own.
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        builder.Services.AddHealthChecks().AddCheck<StorageHealth>("storage");
        builder.Services.AddPortalRateLimits();
        builder.Services.AddSingleton<RefusalLog>();
        builder.Services.AddHostedService<QuietMemory>();
        builder.Services.AddSingleton<IPostConfigureOptions<CookieAuthenticationOptions>, GuardedCookies>();
    }

    public static void AddPortalUi(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            // Enough for a laptop that slept for a moment; everything that matters is in the database and the address.
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
        }).AddHubOptions(hub => hub.MaximumReceiveMessageSize = 64 * 1024);
        services.AddRadzenComponents();
        services.AddSingleton<IValidator<OptionsModel>, OptionsModelValidator>();
        services.AddSingleton<IValidator<EventForm>, EventFormValidator>();
    }

    /// <summary>Checks the settings and brings the database up to date, before the first request.</summary>
    /// <returns>The mark of a running portal, to be held as long as it runs; null when it cannot start, and the reasons are on the console.</returns>
    public static async Task<PortalMark?> PrepareAsync(this WebApplication app)
    {
        PortalMark? mark = null;
        try
        {
            var options = app.Services.GetRequiredService<IOptions<PortalOptions>>().Value;
            var directory = PortalDatabase.DataDirectory(options, app.Environment);
            PortalDatabase.MakeDirectory(directory);
            mark = PortalMark.Share(directory);
            if (mark is null)
            {
                Log.CannotStart(app.Logger, $"A restore is under way in the data directory {directory}. Start the portal when it has ended.");
                return null;
            }

            await PortalDatabase.PrepareAsync(app.Services.GetRequiredService<IDbContextFactory<PortalDb>>(), directory, app.Lifetime.ApplicationStopping);
            Log.DataDirectory(app.Logger, directory);
            var (refusals, warnings) = app.Services.GetRequiredService<FileRights>().Check();
            foreach (var warning in warnings) Log.ReadByOthers(app.Logger, warning);
            if (refusals.Count > 0)
            {
                foreach (var refusal in refusals) Log.CannotStart(app.Logger, refusal);
                mark.Dispose();
                return null;
            }

            if (await app.Services.GetRequiredService<KeyRingGuard>().CheckAsync(app.Lifetime.ApplicationStopping) is not { } locked)
            {
                await app.Services.GetRequiredService<SecretResealing>().RunAsync(app.Lifetime.ApplicationStopping);
                await app.Services.GetRequiredService<ActivityKeeper>().PrepareAsync(app.Lifetime.ApplicationStopping);
                return mark;
            }

            Log.CannotStart(app.Logger, locked);
        }
        catch (OptionsValidationException exception)
        {
            foreach (var failure in exception.Failures) Log.CannotStart(app.Logger, failure);
        }
        catch (InvalidOperationException exception)
        {
            Log.CannotStart(app.Logger, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException)
        {
            Log.CannotStart(app.Logger, StorageProblems.Find(exception) switch
            {
                StorageProblem.Corrupt => "The database is damaged. Run \"AdminPortal doctor\", and restore the last backup: AdminPortal restore <file>.",
                StorageProblem.Full => "The disk with the data directory is full. Make room on it.",
                StorageProblem.NotOpened => "The database cannot be opened: the data directory is out of reach, or the process has no file handles left. Set Portal:DataDirectory to a directory that the portal may write to, or raise the limit of open files (ulimit -n).",
                StorageProblem.Locked => "Another program holds the database. End it, or wait until it has ended.",
                _ => $"The data directory cannot be used: {exception.Message} Set Portal:DataDirectory to a directory that the portal may write to.",
            });
        }

        mark?.Dispose();
        return null;
    }

    public static void UsePortalPipeline(this WebApplication app)
    {
        SecurityHeaders.Use(app);
        // So that everything behind it sees the address that the browser came from.
        app.UseForwardedHeaders();
        RequestedHost.Use(app);
        CircuitOrigin.Use(app);
        if (!app.Environment.IsDevelopment()) app.UseExceptionHandler("/error", createScopeForErrors: true);

        // Behind the pages for errors, so that a database in trouble is told in its own words.
        StorageTrouble.Use(app);
        app.UseStatusCodePagesWithReExecute("/status/{0}", createScopeForStatusCodePages: true);
        ForgeryGate.UseReadingOfErrorPages(app);
        ApiErrors.Use(app);
        app.UseRouting();
        ApiErrors.UseForUnknown(app);
        app.UseRateLimiter();
        app.UseAuthentication();
        RequiredFactor.Use(app);
        app.UseAuthorization();
        app.UseAntiforgery();
        ForgeryGate.Use(app);
    }

    public static void MapHealth(this WebApplication app) =>
        // The answer says nothing but whether the portal can do its work.
        app.MapHealthChecks("/health", new HealthCheckOptions
        {
            // A load balancer sends nobody to a portal that cannot keep what they bring.
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
        }).AllowAnonymous(); // Load balancers have no account.

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Data directory: {Directory}")]
        public static partial void DataDirectory(ILogger logger, string directory);

        [LoggerMessage(2, LogLevel.Critical, "The portal cannot start. {Reason}")]
        public static partial void CannotStart(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "{Finding}")]
        public static partial void ReadByOthers(ILogger logger, string finding);
    }
}
