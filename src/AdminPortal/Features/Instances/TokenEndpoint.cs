using AdminPortal.Features.SignIn;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AdminPortal.Features.Instances;

/// <summary>
/// Hands an instance's token to the script of a person who asked for it. An endpoint of its own, so that the token
/// never passes through a circuit or a page's markup. ForgeryGate has looked for the antiforgery token.
/// </summary>
internal static class TokenEndpoint
{
    public static void MapTokenReveal(this WebApplication app) =>
        app.MapPost("/instances/{id:guid}/token", HandleAsync).RequireOperation(Operation.RevealTokens).RequireRateLimiting(RateLimits.Reveal);

    private static async Task<Results<Ok<Revealed>, NotFound, ProblemHttpResult>> HandleAsync(
        Guid id, HttpContext context, InstanceService instances)
    {
        context.Response.Headers.CacheControl = "no-store";
        var token = await instances.RevealTokenAsync(id, context.User.Actor(), context.RequestAborted);
        if (token.Succeeded) return TypedResults.Ok(new Revealed(token.Value));
        return token.Problems[0].Kind == Provisioning.ProblemKind.NotFound
            ? TypedResults.NotFound()
            : TypedResults.Problem(token.Problems[0].Message, statusCode: StatusCodes.Status409Conflict);
    }

    private sealed record Revealed(string Token);
}
