using AdminPortal.Domain;
using AdminPortal.Domain.Users;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Access;

/// <summary>
/// Re-authenticates the signed-in user with a password, a code or a passkey. Endpoints, so that these never pass through a circuit.
/// </summary>
internal static class ConfirmationEndpoint
{
    public static void MapConfirmation(this WebApplication app)
    {
        app.MapPost("/confirm", HandleAsync).RequireAuthorization().RequireRateLimiting(RateLimits.Confirm);
        app.MapPost("/confirm/passkey", HandlePasskeyAsync).RequireAuthorization().RequireRateLimiting(RateLimits.Confirm);
    }

    private static async Task<Results<NoContent, JsonHttpResult<FormRefusal>>> HandlePasskeyAsync(
        [FromForm] string? credential, SignInManager<PortalUser> signIn, PersonProof proofs, FactorService factors,
        IStringLocalizer<ConfirmationText> texts, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return await PasskeyCredential.TryConfirmAsync(credential, signIn, proofs, factors, context)
            ? TypedResults.NoContent()
            : FormRefusal.Of(new Problem(ProblemKind.Invalid, texts["Passkey.Failed"]));
    }

    private static async Task<Results<NoContent, JsonHttpResult<FormRefusal>>> HandleAsync([FromForm(Name = PersonProof.Field)] string? secret, HttpContext context, PersonProof proof)
    {
        context.Response.Headers.CacheControl = "no-store";
        var confirmed = await proof.ConfirmAsync(context.User.Actor(), secret, context.RequestAborted);
        return confirmed.Succeeded ? TypedResults.NoContent() : FormRefusal.Of(confirmed.Problems[0]);
    }
}
