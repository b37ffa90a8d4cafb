using AdminPortal.Hosting;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace AdminPortal.Features.SignIn;

/// <summary>Takes the password or code with which a person confirms who they are. An endpoint of its own, so that it never passes through a circuit.</summary>
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
