using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Reveals;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace AdminPortal.Features.Instances;

/// <summary>
/// Hands an instance's token to the script of a person who says what for, and proves anew who they are. An endpoint of its
/// own, so that neither the token nor the password passes through a circuit or a page's markup. ForgeryGate has looked for
/// the antiforgery token.
/// </summary>
internal static class TokenEndpoint
{
    public static void MapTokenReveal(this WebApplication app) =>
        app.MapPost("/instances/{id:guid}/token", HandleAsync).RequireOperation(Operation.RevealTokens).RequireRateLimiting(RateLimits.Reveal);

    private static async Task<Results<Ok<Revealed>, JsonHttpResult<FormRefusal>>> HandleAsync(
        Guid id, [FromForm(Name = "Reason")] string? reason, [FromForm(Name = PersonProof.Field)] string? secret, HttpContext context, RevealService reveals)
    {
        context.Response.Headers.CacheControl = "no-store";
        var token = await reveals.RevealAsync(id, reason, secret, context.User.Actor(), context.RequestAborted);
        return token.Succeeded ? TypedResults.Ok(new Revealed(token.Value)) : FormRefusal.Of(token.Problems[0]);
    }

    internal sealed record Revealed(string Token);
}
