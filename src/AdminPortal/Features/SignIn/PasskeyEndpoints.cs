using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.SignIn;

/// <summary>
/// Signing in with a passkey, and adding one. The script asks for the options, the browser asks the person, and a plain
/// form brings what came of it: see js/passkeys.js. ForgeryGate has looked for the antiforgery tokens.
/// </summary>
internal static class PasskeyEndpoints
{
    public static void MapPasskeys(this WebApplication app)
    {
        // The way in.
        app.MapPost("/sign-in/passkey/options", AskAsync).AllowAnonymous().RequireRateLimiting(RateLimits.SignIn);
        app.MapPost("/sign-in/passkey", SignInAsync).AllowAnonymous().RequireRateLimiting(RateLimits.SignIn);
        app.MapPost("/me/passkeys/options", BeginAsync).WithMetadata(new WithoutSecondFactorAttribute()).RequireRateLimiting(RateLimits.Account);
        app.MapPost("/me/passkeys", AddAsync).WithMetadata(new WithoutSecondFactorAttribute()).RequireRateLimiting(RateLimits.Account);
        app.MapPost("/me/passkeys/confirm/options", AskOwnAsync).WithMetadata(new WithoutSecondFactorAttribute()).RequireRateLimiting(RateLimits.Account);
        app.MapPost("/me/passkeys/confirm", ConfirmAsync).WithMetadata(new WithoutSecondFactorAttribute()).RequireRateLimiting(RateLimits.Account);
    }

    // Nobody is named: the person chooses among the passkeys that the device has for this portal.
    private static async Task<IResult> AskAsync(SignInManager<PortalUser> signIn, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Text(await signIn.MakePasskeyRequestOptionsAsync(null), "application/json");
    }

    private static async Task<IResult> SignInAsync(
        [FromForm] string? credential, [FromForm] string? returnUrl, SignInManager<PortalUser> signIn, FactorService factors, PeopleService people, AccessRecord record, SignInWays ways,
        IStringLocalizer<SignInText> texts, TimeProvider clock, HttpContext context)
    {
        var started = clock.GetTimestamp();
        var from = ClientAddress.Of(context);
        var asserted = await PasskeyCredential.PerformAsync(credential, signIn.PerformPasskeyAssertionAsync);
        // Wrong passwords do not lock this: nothing can be guessed here. Where local sign-in is off, so is this.
        if (ways.TakesPasswords && asserted is { Succeeded: true, User: { } person, Passkey: { IsUserVerified: true } passkey }
            && await signIn.CanSignInAsync(person) && (await signIn.UserManager.AddOrUpdatePasskeyAsync(person, passkey)).Succeeded)
        {
            await factors.MarkPasskeyAsync(passkey.CredentialId, CancellationToken.None);
            await people.MarkSignInAsync(person.Id, CancellationToken.None);
            // Record the sign-in first. If that fails, the sign-in fails.
            await record.SignedInAsync(new Actor(person.Id, person.UserName) { From = from }, SignInFactor.Passkey, CancellationToken.None);
            // It is two factors: the device, and what unlocked it.
            var properties = new AuthenticationProperties { IsPersistent = true, Items = { [PortalSignInManager.PasskeyItem] = "" } };
            await signIn.SignInWithClaimsAsync(person, properties, [new Claim("amr", "mfa")]);
            return new SeeOther(LocalPath.OrHome(returnUrl));
        }

        await record.RefusedAsync(asserted?.User?.UserName ?? texts["Passkey.Nobody"], from, lockedOut: false, CancellationToken.None);
        await SignInDoor.WaitAsync(clock, started, context.RequestAborted);
        var back = LocalPath.Of("/sign-in", returnUrl);
        return new SeeOther(back + (back.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "passkey=refused");
    }

    private static async Task<IResult> BeginAsync(
        [FromForm(Name = "Input.Name")] string? name, [FromForm(Name = "Input.Proof")] string? proof, SignInManager<PortalUser> signIn, PersonProof proofs, FactorService factors, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var actor = context.User.Actor();
        if (actor.PersonId is not { } id || actor.Name is not { } email) return Results.Forbid();
        var problem = await factors.CheckPasskeyAsync(name, actor, context.RequestAborted) ?? await proofs.CheckChangeAsync(actor, proof, context.RequestAborted);
        if (problem is not null) return Results.Json(new Refusal(problem.Message), statusCode: StatusCodes.Status400BadRequest);
        return Results.Text(await signIn.MakePasskeyCreationOptionsAsync(new PasskeyUserEntity { Id = id.ToString(), Name = email, DisplayName = email }), "application/json");
    }

    private static async Task<IResult> AddAsync(
        [FromForm(Name = "Input.Name")] string? name, [FromForm] string? credential, SignInManager<PortalUser> signIn, SessionRenewal renewal, FactorService factors, HttpContext context)
    {
        var actor = context.User.Actor();
        var attested = await PasskeyCredential.PerformAsync(credential, signIn.PerformPasskeyAttestationAsync);
        // This user has begun it, and proved the identity for it.
        if (attested is not { Succeeded: true, Passkey: { IsUserVerified: true } passkey, UserEntity: { } whose } || whose.Id != actor.PersonId?.ToString())
            return new SeeOther($"{RequiredFactor.Page}?failed=passkey");
        if (!(await factors.AddPasskeyAsync(passkey, name, actor, context.RequestAborted)).Succeeded) return new SeeOther($"{RequiredFactor.Page}?failed=passkey");
        // Refresh the session's claims: a second factor now exists.
        await renewal.RenewAsync(actor);
        return new SeeOther($"{RequiredFactor.Page}?done=passkey-added");
    }

    // Only the passkeys of the signed-in user are asked for.
    private static async Task<IResult> AskOwnAsync(SignInManager<PortalUser> signIn, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.User.PersonId() is { } id && await signIn.UserManager.FindByIdAsync(id.ToString()) is { } user
            ? Results.Text(await signIn.MakePasskeyRequestOptionsAsync(user), "application/json")
            : Results.Forbid();
    }

    private static async Task<IResult> ConfirmAsync(
        [FromForm] string? credential, SignInManager<PortalUser> signIn, PersonProof proofs, FactorService factors, HttpContext context) =>
        await PasskeyCredential.TryConfirmAsync(credential, signIn, proofs, factors, context)
            ? new SeeOther($"{RequiredFactor.Page}?done=passkey-confirmed")
            : new SeeOther($"{RequiredFactor.Page}?failed=passkey-confirm");

    private sealed record Refusal(string Message);
}
