namespace AdminPortal.Hosting;

/// <summary>Headers that every answer carries.</summary>
internal static class SecurityHeaders
{
    private static readonly string ContentSecurityPolicy = string.Join("; ",
        "default-src 'self'",
        // No inline scripts and no eval: Blazor's and Radzen's scripts are files.
        "script-src 'self'",
        // Radzen writes style attributes (positions of dialogs, widths).
        "style-src 'self' 'unsafe-inline'",
        // Radzen's style sheets embed small images as data.
        "img-src 'self' data:",
        // The circuit's web socket.
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'");

    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        Write(context.Response.Headers);
        return next(context);
    });

    /// <summary>Writes them: for an answer that begins anew.</summary>
    public static void Write(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }
}
