using AdminPortal.Chaos.Inside;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Http;

[assembly: HostingStartup(typeof(DriverHosting))]

namespace AdminPortal.Chaos.Inside;

/// <summary>Gives the portal a clock that can be moved, and endpoints for the driver, before everything of its own.</summary>
internal sealed class DriverHosting : IHostingStartup
{
    // The portal's name for the client that calls platforms.
    private const string PlatformClient = "platform";

    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services =>
    {
        var time = ShiftedTime.Current;
        services.AddSingleton(time);
        // The portal takes the clock that it finds.
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<IStartupFilter, DriverFilter>();
        // Asked for each call anew, and after the portal has set its own.
        services.PostConfigure<HttpClientFactoryOptions>(PlatformClient, client => client.HttpClientActions.Add(http =>
        {
            if (AnswerLimit.Value is var limit && limit > TimeSpan.Zero) http.Timeout = limit;
        }));
    });

    private sealed class DriverFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                if (!context.Request.Path.StartsWithSegments("/chaos", StringComparison.Ordinal, out var path)) await rest(context);
                else if (context.Connection.RemoteIpAddress is not { } address || !System.Net.IPAddress.IsLoopback(address)) context.Response.StatusCode = StatusCodes.Status404NotFound;
                else await Driver.AnswerAsync(context, path.Value ?? "");
            });
            next(app);
        };
    }
}
