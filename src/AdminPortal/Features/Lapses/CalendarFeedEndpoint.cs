using System.Text;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Lapses;

namespace AdminPortal.Features.Lapses;

/// <summary>Hands the calendar of lapses to whoever has its secret address: calendar programs cannot sign in.</summary>
internal static class CalendarFeedEndpoint
{
    private const int MaxZoneLength = 64;

    public static void MapCalendarFeed(this WebApplication app) =>
        app.MapGet(LapseAddress.Path + "/{secret}.ics", HandleAsync)
            .AllowAnonymous() // Calendar programs cannot sign in: the secret in the path is the key, and only its hash is kept.
            .RequireRateLimiting(RateLimits.Calendar);

    private static async Task<IResult> HandleAsync(string secret, string? zone, HttpContext context, CalendarFeedService feeds)
    {
        context.Response.Headers.CacheControl = "no-store";
        var calendar = await feeds.ReadAsync(secret, zone is { Length: <= MaxZoneLength } ? zone : null, context.RequestAborted);
        // With a body of its own, the answer is not made into a page, which would ask for a sign-in.
        return calendar is null
            ? TypedResults.Text("There is no calendar at this address.", "text/plain", Encoding.UTF8, StatusCodes.Status404NotFound)
            : TypedResults.Text(calendar, "text/calendar", Encoding.UTF8);
    }
}
