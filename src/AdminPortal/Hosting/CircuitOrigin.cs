using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;
using Microsoft.Net.Http.Headers;

namespace AdminPortal.Hosting;

/// <summary>
/// Lets only the portal's own pages open circuits. Web sockets know no same-origin policy: a page of any site could
/// open one here, with this browser's cookies, if the origin that the browser names were not looked at.
/// </summary>
internal static partial class CircuitOrigin
{
    private static readonly PathString Hub = "/_blazor";

    /// <summary>Whether the path is one of the circuits'.</summary>
    public static bool Guards(PathString path) => path.StartsWithSegments(Hub);

    public static void Use(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<PortalAddresses>();
        var ours = new Uri(addresses.PublicBaseUrl).GetLeftPart(UriPartial.Authority);
        var isDevelopment = app.Environment.IsDevelopment();
        app.Use((context, next) =>
        {
            if (!Guards(context.Request.Path) || IsOurs(context)) return next(context);
            Log.Refused(app.Logger);
            var texts = context.RequestServices.GetRequiredService<IStringLocalizer<HostingText>>();
            return PlainPage.AnswerAsync(context, StatusCodes.Status403Forbidden, texts["Circuit.Title"], [texts["Circuit.Refused", addresses.PublicBaseUrl]]);
        });

        bool IsOurs(HttpContext context)
        {
            var headers = context.Request.Headers;
            if (headers.Origin is [{ } origin] && origin != "null")
            {
                return Uri.TryCreate(origin, UriKind.Absolute, out var from)
                    && (string.Equals(from.GetLeftPart(UriPartial.Authority), ours, StringComparison.OrdinalIgnoreCase)
                        // Several processes stand beside each other on a developer's machine, each under its own port.
                        || (isDevelopment && from.IsLoopback));
            }

            // A browser names no origin when it reads from its own page's host, and hides it ("null") in the message that a
            // page sends as it is left, because of our Referrer-Policy. What it says then no script can forge.
            if (headers["Sec-Fetch-Site"] is [{ } site]) return site == "same-origin" && headers.Origin.Count <= 1;
            // Without either it is no browser of today. It may read, and open or change nothing.
            return headers.Origin.Count == 0 && IsRead(context);
        }
    }

    private static bool IsRead(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) && context.Request.Headers[HeaderNames.Upgrade].Count == 0;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A circuit was refused: it was asked for by a page of another origin.")]
        public static partial void Refused(ILogger logger);
    }
}
