using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
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
            context.RequestServices.GetRequiredService<DamageWatch>().Report(exception);
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

        context.Response.Clear();
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        // An empty address is this very page, with all that came in its query. A form that was posted is sent again by the
        // browser's own button, and not by a link that forgets it.
        (string, string)? again = HttpMethods.IsGet(context.Request.Method) ? (texts["TryAgain"].Value, "") : null;
        await PlainPage.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, title, sentences, again);
    }

    private static bool IsDeparture(PathString path) =>
        path.Value is { } value && value.StartsWith("/connect/", StringComparison.OrdinalIgnoreCase) && value.EndsWith("/go", StringComparison.OrdinalIgnoreCase);

    // Some paths are secrets, and no query is ever written.
    private static string Place(PathString path) => path.Equals(PortalAddresses.CallbackPath, StringComparison.OrdinalIgnoreCase) ? PortalAddresses.CallbackPath
        : IsDeparture(path) ? "/connect/…/go"
        : path.Equals(HealthPath, StringComparison.OrdinalIgnoreCase) ? HealthPath
        : "a page";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} of {Place} could not be answered: the database is in trouble ({Problem}).")]
        public static partial void NotAnswered(ILogger logger, string method, string place, StorageProblem problem);
    }
}
