using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Hosting;

/// <summary>
/// Which host a request may name. Redirects and links are made from it, so it is never taken from the request alone: it
/// is the one of <c>Portal:PublicBaseUrl</c>, or the request is refused.
/// </summary>
internal static partial class RequestedHost
{
    private const int MaxShown = 100;

    public static void Use(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<PortalAddresses>();
        var publicUrl = new Uri(addresses.PublicBaseUrl);
        // Without a port that is the scheme's own: addresses that are made of it have to be the browser's, sign by sign.
        var publicHost = new HostString(publicUrl.Authority);
        var others = app.Services.GetRequiredService<IOptions<PortalOptions>>().Value.OtherHosts;
        var isDevelopment = app.Environment.IsDevelopment();
        app.Use(async (context, next) =>
        {
            var request = context.Request;
            // The public address is configured. A proxy that ends TLS and does not say so would otherwise make secure cookies fail.
            request.Scheme = publicUrl.Scheme;
            if (!request.Host.HasValue) request.Host = publicHost;
            if (Read(request) is not { } asked)
            {
                // The framework would throw over it later on.
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }

            // Several processes stand beside each other on a developer's machine, each under its own port.
            if (isDevelopment && asked.IsLoopback)
            {
                request.Host = new HostString(asked.Authority);
                await next(context);
                return;
            }

            // A load balancer or a proxy may ask by number: no page of another site can make a browser do so under its own name.
            var isOurs = IsHost(asked, publicUrl.IdnHost) || asked.IsLoopback || asked.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6
                || others.Any(other => IsHost(asked, other));
            if (!isOurs)
            {
                Log.OtherHost(app.Logger, asked.IdnHost.Length > MaxShown ? asked.IdnHost[..MaxShown] : asked.IdnHost);
                var texts = context.RequestServices.GetRequiredService<IStringLocalizer<HostingText>>();
                await PlainPage.AnswerAsync(
                    context, StatusCodes.Status400BadRequest, texts["OtherHost.Title"], [texts["OtherHost.What", addresses.PublicBaseUrl], texts["OtherHost.Do"]],
                    (addresses.PublicBaseUrl, addresses.PublicBaseUrl));
                return;
            }

            request.Host = publicHost;
            await next(context);
        });
    }

    private static bool IsHost(Uri asked, string host) => string.Equals(asked.IdnHost.TrimEnd('.'), host, StringComparison.OrdinalIgnoreCase);

    // Browsers send other alphabets in their ASCII form.
    private static Uri? Read(HttpRequest request) =>
        request.Host.Value!.All(one => char.IsAsciiLetterOrDigit(one) || one is '.' or '-' or '_' or ':' or '[' or ']')
        && Uri.TryCreate($"{request.Scheme}://{request.Host.Value}/", UriKind.Absolute, out var asked) ? asked : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A request for the host {Host} was refused: it is neither that of Portal:PublicBaseUrl nor one of Portal:OtherHosts.")]
        public static partial void OtherHost(ILogger logger, string host);
    }
}
