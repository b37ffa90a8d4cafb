using AdminPortal.Hosting;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace AdminPortal.Features.SignIn;

/// <summary>Re-authenticates the signed-in user with a password or code. An endpoint, so that these never pass through a circuit. See <see cref="PasskeyEndpoints"/> for passkeys.</summary>
internal static class ConfirmationEndpoint
{
    public static void MapConfirmation(this WebApplication app) =>
        app.MapPost("/confirm", HandleAsync).RequireAuthorization().RequireRateLimiting(RateLimits.Confirm);

    private static async Task<Results<NoContent, JsonHttpResult<FormRefusal>>> HandleAsync([FromForm(Name = PersonProof.Field)] string? secret, HttpContext context, PersonProof proof)
    {
        context.Response.Headers.CacheControl = "no-store";
        var confirmed = await proof.ConfirmAsync(context.User.Actor(), secret, context.RequestAborted);
        return confirmed.Succeeded ? TypedResults.NoContent() : FormRefusal.Of(confirmed.Problems[0]);
    }
}
