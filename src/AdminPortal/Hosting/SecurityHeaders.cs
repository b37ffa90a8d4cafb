using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Hosting;

/// <summary>
/// Headers that every answer carries: pages, files, redirects, errors, the circuits' own. They are written when an answer
/// starts, so that what clears an answer and begins anew cannot lose them.
/// </summary>
internal static class SecurityHeaders
{
    private static readonly string ContentSecurityPolicy = string.Join("; ",
        // What is not named is not loaded: no frames, no workers, no media, no plug-ins.
        "default-src 'none'",
        // No inline scripts and no eval: Blazor's and Radzen's scripts are files.
        "script-src 'self'",
        "style-src 'self'",
        // The one exception: Radzen and Blazor write style attributes (places of dialogs and menus, widths of columns) as
        // text. Neither style elements nor other people's sheets come in by it, and no portal component has one.
        "style-src-attr 'unsafe-inline'",
        "img-src 'self'",
        // Radzen's text and symbol fonts.
        "font-src 'self'",
        // The circuit's web socket, and the token's endpoint.
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'");

    // What no page of the portal uses. Writing to the clipboard is not among them: secrets and addresses are copied.
    private static readonly string PermissionsPolicy = string.Join(", ",
        new[] { "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking" }
            .Select(feature => feature + "=()"));

    // A year. Hosts below this one are not ours to decide about.
    private const string TransportSecurity = "max-age=31536000";

    public static void Use(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<PortalAddresses>();
        // On loopback it would force https on every other program of the developer's machine.
        var transport = addresses.IsHttps && !new Uri(addresses.PublicBaseUrl).IsLoopback ? TransportSecurity : null;
        app.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                Write(context.Response.Headers, transport);
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    private static void Write(IHeaderDictionary headers, string? transport)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = PermissionsPolicy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (transport is not null) headers.StrictTransportSecurity = transport;
        // Files say how long they may be kept; what says nothing is about somebody's connections.
        if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
        // All text of the portal is UTF-8; files and programs of the framework leave it to the browser to guess.
        if (headers.ContentType is [{ } type] && type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) && !type.Contains("charset", StringComparison.OrdinalIgnoreCase))
            headers.ContentType = type + "; charset=utf-8";
    }
}
