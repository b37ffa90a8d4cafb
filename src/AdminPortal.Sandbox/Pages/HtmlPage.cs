using System.Text;

namespace AdminPortal.Sandbox.Pages;

/// <param name="title">Plain text.</param>
/// <param name="main">The <c>main</c> element, as markup: everything foreign in it is encoded already.</param>
/// <param name="status">The HTTP status.</param>
internal sealed class HtmlPage(string title, string main, int status = StatusCodes.Status200OK) : IResult
{
    // No form-action: browsers hold it against the redirect that follows a form as well, and where that goes is the caller's own.
    private const string ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src data:{0}; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>More for the head, as markup.</summary>
    public string Head { get; init; } = string.Empty;

    /// <summary>An origin that the page may take an image from.</summary>
    public string? ImageSource { get; init; }

    public string ReferrerPolicy { get; init; } = "no-referrer";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy =
            ContentSecurityPolicy.Replace("{0}", ImageSource is null ? string.Empty : " " + ImageSource, StringComparison.Ordinal);
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = ReferrerPolicy;
        return response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{Html.Encode(title)} - Sandbox</title>
            {Head}
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{HomePages.StyleSheetPath}">
            </head>
            <body>
            <header class="banner"><p><strong>Sandbox.</strong> A simulation for development. This is not Keap or Infusionsoft: do not type a real password here.</p></header>
            {main}
            </body>
            </html>
            """,
            Encoding.UTF8,
            httpContext.RequestAborted);
    }
}
