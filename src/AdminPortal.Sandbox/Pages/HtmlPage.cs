using System.Text;

namespace AdminPortal.Sandbox.Pages;

internal sealed class HtmlPage(string title, string main, int status) : IResult
{
    // No form-action: browsers hold it against the redirect that follows a form as well, and where that goes is the caller's own.
    private const string ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{Html.Encode(title)} - Sandbox</title>
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
