using System.Net.Mime;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.Net.Http.Headers;

namespace AdminPortal.Hosting;

/// <summary>
/// An answer in a few sentences, written here as it stands: for what is refused before the pages are reached, and for
/// when they cannot be made because the database is in trouble.
/// </summary>
internal static class PlainPage
{
    /// <summary>Writes a page for a browser, and its sentences alone for a script or a program.</summary>
    /// <param name="context">The request; its answer has not begun.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="title">The heading.</param>
    /// <param name="sentences">What happened, why, and what to do.</param>
    /// <param name="link">Where to go on, and what that is called.</param>
    public static Task AnswerAsync(HttpContext context, int status, string title, IReadOnlyList<string> sentences, (string Text, string Href)? link = null)
    {
        // Callers of the API get a problem, also where the request is refused before it reaches the API.
        var api = context.RequestServices.GetRequiredService<IApiBoundary>();
        if (api.Covers(context.Request.Path)) return api.RefuseAsync(context, status, string.Join(' ', sentences));
        if (IsForAPerson(context.Request)) return WriteAsync(context, status, title, sentences, link);
        Begin(context.Response, status, MediaTypeNames.Text.Plain);
        return context.Response.WriteAsync(string.Join(' ', sentences), Encoding.UTF8, context.RequestAborted);
    }

    /// <summary>Writes a page, whoever asks.</summary>
    /// <inheritdoc cref="AnswerAsync" path="/param"/>
    public static Task WriteAsync(HttpContext context, int status, string title, IReadOnlyList<string> sentences, (string Text, string Href)? link)
    {
        Begin(context.Response, status, MediaTypeNames.Text.Html);
        return context.Response.WriteAsync(Page(BrowserPreferences.Read(context.Request), title, sentences, link), Encoding.UTF8, context.RequestAborted);
    }

    private static bool IsForAPerson(HttpRequest request) => request.Headers.Accept.ToString().Contains(MediaTypeNames.Text.Html, StringComparison.OrdinalIgnoreCase);

    private static void Begin(HttpResponse response, int status, string type)
    {
        response.StatusCode = status;
        response.Headers[HeaderNames.CacheControl] = "no-store";
        response.ContentType = $"{type}; charset=utf-8";
    }

    private static string Page(BrowserPreferences preferences, string title, IEnumerable<string> sentences, (string Text, string Href)? link)
    {
        var html = HtmlEncoder.Default;
        var text = string.Concat(sentences.Select(sentence => $"<p>{html.Encode(sentence)}</p>"));
        var action = link is { } way ? $"<div class=\"actions\"><a class=\"button-link\" href=\"{html.Encode(way.Href)}\">{html.Encode(way.Text)}</a></div>" : "";
        return
            $"""
            <!DOCTYPE html>
            <html lang="en" data-theme="{html.Encode(preferences.Theme ?? "")}">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <title>{html.Encode(title)} · AdminPortal</title>
                <link rel="stylesheet" media="{html.Encode(preferences.LightMedia)}" href="/_content/Radzen.Blazor/css/material-base.css" />
                <link rel="stylesheet" media="{html.Encode(preferences.DarkMedia)}" href="/_content/Radzen.Blazor/css/material-dark-base.css" />
                <link rel="stylesheet" href="/css/portal.css" />
                <link rel="icon" type="image/svg+xml" href="/icons/portal.svg" />
            </head>
            <body>
                <div class="plain">
                    <header class="plain-bar"><a class="brand" href="/"><img src="/icons/portal.svg" alt="" width="28" height="28" />AdminPortal</a></header>
                    <main class="plain-main" id="main">
                        <section class="outcome tone-warning" aria-labelledby="outcome-title">
                            <div class="outcome-mark"><svg class="icon" aria-hidden="true" focusable="false"><use href="/icons/icons.svg#warning"></use></svg></div>
                            <h1 id="outcome-title" tabindex="-1">{html.Encode(title)}</h1>
                            <div class="outcome-text" role="alert">{text}</div>
                            {action}
                        </section>
                    </main>
                </div>
            </body>
            </html>
            """;
    }
}
