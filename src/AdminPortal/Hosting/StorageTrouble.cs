using System.Net.Mime;
using System.Text;
using System.Text.Encodings.Web;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Storage;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Hosting;

/// <summary>
/// Answers a request whose database is in trouble with a page of its own: 503, and what to do. It is written here as it
/// stands, because whatever the pages are made with, sign-in, antiforgery, key ring, may need the database.
/// </summary>
internal static partial class StorageTrouble
{
    private const int RetryAfterSeconds = 5;
    private const string HealthPath = "/health";

    public static void Use(WebApplication app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (StorageProblems.Find(exception) is { } problem && !context.Response.HasStarted)
        {
            Log.NotAnswered(app.Logger, context.Request.Method, Place(context.Request.Path), problem);
            await WriteAsync(context, problem, context.RequestServices.GetRequiredService<IStringLocalizer<StorageText>>());
        }
    });

    private static async Task WriteAsync(HttpContext context, StorageProblem problem, IStringLocalizer<StorageText> texts)
    {
        var path = context.Request.Path;
        string[] sentences = path.Equals(PortalAddresses.CallbackPath, StringComparison.OrdinalIgnoreCase)
            ? [texts[$"Storage.{problem}.Title"] + ".", texts["Callback.Kept"], texts["Callback.Reload"], texts[$"Storage.{problem}.Do"]]
            : IsDeparture(path)
                ? [texts[$"Storage.{problem}.Title"] + ".", texts["Departure.Nothing"], texts[$"Storage.{problem}.Do"]]
                : [texts[$"Storage.{problem}.What"], texts[$"Storage.{problem}.Do"]];
        var title = path.Equals(PortalAddresses.CallbackPath, StringComparison.OrdinalIgnoreCase) ? texts["Callback.Title"]
            : IsDeparture(path) ? texts["Departure.Title"]
            : texts[$"Storage.{problem}.Title"];

        var response = context.Response;
        response.Clear();
        SecurityHeaders.Write(response.Headers);
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.CacheControl = "no-store";
        response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        // A form that was posted is sent again by the browser's own button, and not by a link that forgets it.
        var again = HttpMethods.IsGet(context.Request.Method) ? texts["TryAgain"].Value : null;
        await response.WriteAsync(Page(BrowserPreferences.Read(context.Request), title, sentences, again), Encoding.UTF8, context.RequestAborted);
    }

    private static bool IsDeparture(PathString path) =>
        path.Value is { } value && value.StartsWith("/connect/", StringComparison.OrdinalIgnoreCase) && value.EndsWith("/go", StringComparison.OrdinalIgnoreCase);

    // Some paths are secrets, and no query is ever written.
    private static string Place(PathString path) => path.Equals(PortalAddresses.CallbackPath, StringComparison.OrdinalIgnoreCase) ? PortalAddresses.CallbackPath
        : IsDeparture(path) ? "/connect/…/go"
        : path.Equals(HealthPath, StringComparison.OrdinalIgnoreCase) ? HealthPath
        : "a page";

    private static string Page(BrowserPreferences preferences, string title, IEnumerable<string> sentences, string? again)
    {
        var html = HtmlEncoder.Default;
        var text = string.Concat(sentences.Select(sentence => $"<p>{html.Encode(sentence)}</p>"));
        // An empty address is this very page, with all that came in its query.
        var action = again is null ? "" : $"<div class=\"actions\"><a class=\"button-link\" href=\"\">{html.Encode(again)}</a></div>";
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} of {Place} could not be answered: the database is in trouble ({Problem}).")]
        public static partial void NotAnswered(ILogger logger, string method, string place, StorageProblem problem);
    }
}
