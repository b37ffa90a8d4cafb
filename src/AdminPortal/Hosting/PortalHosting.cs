using System.Globalization;
using System.Threading.RateLimiting;
using AdminPortal.Features.Connect;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Storage;
using FluentValidation;
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
    public const string CallbackLimit = "callback";
    public const string CalendarLimit = "calendar";

    public static void AddPortalHosting(this WebApplicationBuilder builder)
    {
        // Style sheets and scripts of packages, when run from the build output.
        if (builder.Environment.IsDevelopment()) builder.WebHost.UseStaticWebAssets();

        // The framework's request log prints queries, and the callback's query holds the code.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);

        // At its lowest level, routing prints paths, and the path of a calendar is a secret.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Routing", LogLevel.Information);

        // A request to the platform that has left is waited for, so that its answer is not lost.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(45));
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded => forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor);
        builder.Services.AddHealthChecks().AddCheck<StorageHealth>("storage");
        builder.Services.AddRateLimiter(limits =>
        {
            limits.OnRejected = async (rejection, cancellationToken) =>
            {
                var answer = rejection.HttpContext.Response;
                answer.StatusCode = StatusCodes.Status429TooManyRequests;
                if (rejection.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)) answer.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                await answer.WriteAsync("Too many requests have come from this address. Wait half a minute and load this page again; nothing is lost.", cancellationToken);
            };
            limits.AddPolicy(CallbackLimit, context => RateLimitPartition.GetTokenBucketLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "",
                _ => new TokenBucketRateLimiterOptions { TokenLimit = 120, TokensPerPeriod = 60, ReplenishmentPeriod = TimeSpan.FromSeconds(30), QueueLimit = 0 }));
            // Calendar programs ask every few hours; an office may have many of them behind one address.
            limits.AddPolicy(CalendarLimit, context => RateLimitPartition.GetTokenBucketLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "",
                _ => new TokenBucketRateLimiterOptions { TokenLimit = 60, TokensPerPeriod = 30, ReplenishmentPeriod = TimeSpan.FromSeconds(30), QueueLimit = 0 }));
        });
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
            if (await app.Services.GetRequiredService<KeyRingGuard>().CheckAsync(app.Lifetime.ApplicationStopping) is not { } locked)
            {
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
                StorageProblem.Locked => "Another program holds the database. End it, or wait until it has ended.",
                _ => $"The data directory cannot be used: {exception.Message} Set Portal:DataDirectory to a directory that the portal may write to.",
            });
        }

        mark?.Dispose();
        return null;
    }

    public static void UsePortalPipeline(this WebApplication app)
    {
        // First of all, so that everything behind it sees the address that the browser came from and the scheme that it used.
        app.UseForwardedHeaders();
        UsePublicScheme(app);
        SecurityHeaders.Use(app);
        if (!app.Environment.IsDevelopment())
        {
            app.UseExceptionHandler("/error", createScopeForErrors: true);
            app.UseHsts();
        }

        // Behind the pages for errors, so that a database in trouble is told in its own words.
        StorageTrouble.Use(app);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    // The public address is configured. A proxy that ends TLS and does not say so would otherwise make secure cookies fail.
    // The host is the one that was asked for; what is none is refused here, before the framework throws over the address.
    private static void UsePublicScheme(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<PortalAddresses>();
        var scheme = addresses.IsHttps ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        var publicHost = HostString.FromUriComponent(new Uri(addresses.PublicBaseUrl));
        app.Use((context, next) =>
        {
            context.Request.Scheme = scheme;
            if (!context.Request.Host.HasValue) context.Request.Host = publicHost;
            if (IsHost(context.Request.Host.Value!)) return next(context);
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        });

        // Browsers send other alphabets in their ASCII form.
        bool IsHost(string host) =>
            host.All(one => char.IsAsciiLetterOrDigit(one) || one is '.' or '-' or '_' or ':' or '[' or ']') && Uri.TryCreate($"{scheme}://{host}/", UriKind.Absolute, out _);
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
    }
}
