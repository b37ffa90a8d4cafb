using AdminPortal.Provisioning.Users;

namespace AdminPortal.Access;

/// <summary>
/// Hears from the page's script, once in a while, that the person types or clicks. A circuit alone tells nothing: pages
/// change by themselves, and one that lies open is no reason to keep a session.
/// </summary>
internal static class SeenEndpoint
{
    public static void MapSeen(this WebApplication app) => app.MapPost("/me/seen", HandleAsync).RequireAuthorization();

    private static async Task<IResult> HandleAsync(HttpContext context, SessionService sessions)
    {
        if (context.User.SessionId() is { } session) await sessions.SeeAsync(session, context.RequestAborted);
        return Results.NoContent();
    }
}
