using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Record;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
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

        // Before every provider, so that no configured level can let a secret through.
        builder.Services.AddSingleton<LoggerFactory>();
        builder.Services.Replace(ServiceDescriptor.Singleton<ILoggerFactory, RedactingLoggerFactory>());

        // A request to the platform that has left is waited for, so that its answer is not lost.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(45));

        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<PortalOptions>>(TrustedProxies.Configure);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // There are no uploads: forms are small, and circuits have a limit of their own.
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        builder.Services.AddHealthChecks().AddCheck<StorageHealth>("storage");
        builder.Services.AddPortalRateLimits();
        builder.Services.AddSingleton<RefusalLog>();
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
        services.AddValidatorsFromAssembly(typeof(PortalHosting).Assembly, ServiceLifetime.Singleton, includeInternalTypes: true);
    }

    /// <summary>Checks the settings and brings the database up to date, before the first request.</summary>
    /// <param name="app">The portal.</param>
    /// <param name="patience">How long to wait for another program that holds the database.</param>
    /// <returns>The mark of a running portal, to be held as long as it runs.</returns>
    /// <exception cref="StartRefusedException">The portal cannot start.</exception>
    public static async Task<PortalMark> PrepareAsync(this WebApplication app, TimeSpan patience)
    {
        var directory = PortalDatabase.DataDirectory(app.Services.GetRequiredService<IOptions<PortalOptions>>().Value, app.Environment);
        var stopping = app.Lifetime.ApplicationStopping;
        PortalDatabase.MakeDirectory(directory);
        // By the machine's clock, whatever the portal's is: it waits for other programs.
        var wait = new StorageWait(patience, TimeProvider.System, (what, seconds) => Log.Waiting(app.Logger, what, seconds));
        var mark = await wait.ShareMarkAsync(directory, stopping)
            ?? throw new StartRefusedException(ExitCode.DatabaseLocked, $"A restore is under way in the data directory {directory}. Start the portal when it has ended.");
        try
        {
            var backups = app.Services.GetRequiredService<IOptions<PortalOptions>>().Value.Backup.Directory;
            if (Leftovers.CleanUp(directory, backups, (path, reason) => Log.NotCleanedUp(app.Logger, path, reason)) is > 0 and var left)
                Log.CleanedUp(app.Logger, left);
            _ = await wait.RunAsync(directory, () => PrepareAsync(app, directory, wait, stopping), stopping);
            return mark;
        }
        catch
        {
            mark.Dispose();
            throw;
        }
    }

    // Every step finds what an earlier try has done: all of them are repeated while another program holds the database.
    private static async Task<bool> PrepareAsync(WebApplication app, string directory, StorageWait wait, CancellationToken stopping)
    {
        var services = app.Services;
        var databases = services.GetRequiredService<IDbContextFactory<PortalDb>>();
        // A damaged database is not upgraded.
        services.GetRequiredService<DamageChecks>().CheckAtStart();
        await PortalDatabase.PrepareAsync(databases, directory, stopping, wait);
        Log.DataDirectory(app.Logger, directory);
        var (refusals, warnings) = services.GetRequiredService<FileRights>().Check();
        foreach (var warning in warnings) Log.ReadByOthers(app.Logger, warning);
        if (refusals.Count > 0) throw new StartRefusedException(ExitCode.Storage, refusals);

        if (await services.GetRequiredService<KeyRingGuard>().CheckAsync(stopping) is { } locked) throw new StartRefusedException(ExitCode.KeyRing, locked);
        await services.GetRequiredService<ActivityKeeper>().PrepareAsync(stopping);
        // Behind the comparison with anchors, which reads the mark of the former run.
        await using (var db = await databases.CreateDbContextAsync(stopping))
            await PortalDatabase.WriteMarkAsync(db, services.GetRequiredService<TimeProvider>().GetUtcNow(), stopping);
        await services.GetRequiredService<SecretResealing>().RunAsync(stopping, wait);
        return true;
    }

    /// <summary>
    /// <c>/health/live</c>: the process answers. <c>/health/ready</c>, and <c>/health</c> as before: the portal can do its work.
    /// The answers hold one word. Load balancers have no account.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        // Anonymous: service managers and load balancers cannot sign in. The answer is a status and one word, and tells nothing else.
        // Liveness is answered before any middleware that could read the database.
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false })
            .AllowAnonymous().WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head])).ShortCircuit();
        var ready = new HealthCheckOptions
        {
            // A load balancer sends nobody to a portal that cannot keep what they bring.
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
        };
        // Anonymous for the same reason.
        app.MapHealthChecks("/health/ready", ready).AllowAnonymous();
        app.MapHealthChecks("/health", ready).AllowAnonymous();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Data directory: {Directory}")]
        public static partial void DataDirectory(ILogger logger, string directory);

        [LoggerMessage(8, LogLevel.Information, "{Count} temporary files of a process that was killed were removed.")]
        public static partial void CleanedUp(ILogger logger, int count);

        [LoggerMessage(9, LogLevel.Warning,
            "The temporary file or directory {Path} of a process that has ended could not be removed: {Reason} Remove it as its owner.")]
        public static partial void NotCleanedUp(ILogger logger, string path, string reason);

        [LoggerMessage(6, LogLevel.Warning, "Waiting up to {Seconds} seconds (--wait) for {What}.")]
        public static partial void Waiting(ILogger logger, string what, int seconds);

        [LoggerMessage(3, LogLevel.Warning, "{Finding}")]
        public static partial void ReadByOthers(ILogger logger, string finding);
    }
}
