using AdminPortal.Features.SignIn;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AdminPortal.Features.Instances;

/// <summary>
/// Hands an instance's token to the script of a person who asked for it. An endpoint of its own, so that the token
/// never passes through a circuit or a page's markup.
/// </summary>
internal static class TokenEndpoint
{
    public static void MapTokenReveal(this WebApplication app) => app.MapPost("/instances/{id:guid}/token", HandleAsync);

    private static async Task<Results<Ok<Revealed>, NotFound, BadRequest<string>, ProblemHttpResult>> HandleAsync(
        Guid id, HttpContext context, IAntiforgery antiforgery, InstanceService instances)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!await antiforgery.IsRequestValidAsync(context)) return TypedResults.BadRequest("The request does not come from a page of the portal. Reload the page and try again.");
        var token = await instances.RevealTokenAsync(id, context.User.Actor(), context.RequestAborted);
        if (token.Succeeded) return TypedResults.Ok(new Revealed(token.Value));
        return token.Problems[0].Kind == Provisioning.ProblemKind.NotFound
            ? TypedResults.NotFound()
            : TypedResults.Problem(token.Problems[0].Message, statusCode: StatusCodes.Status409Conflict);
    }

    private sealed record Revealed(string Token);
}
