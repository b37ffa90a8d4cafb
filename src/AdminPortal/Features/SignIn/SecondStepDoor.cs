using System.Security.Claims;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>The second step of signing in, for a person whose password was right: a code of the app, or a recovery code.</summary>
public sealed class SecondStepDoor(SignInManager<PortalUser> signIn, SecondFactor second, FactorService factors, SignInNames names, TimeProvider clock)
{
    /// <summary>Who has entered the right password in this browser, within the last minutes; null for nobody.</summary>
    public Task<PortalUser?> FindWaitingAsync() => signIn.GetTwoFactorAuthenticationUserAsync();

    /// <summary>Signs in, or not.</summary>
    /// <param name="person">Who is waiting.</param>
    /// <param name="code">What was entered.</param>
    /// <param name="request">The request: it is told when to come back where the name was tried too often.</param>
    /// <returns>What came of it, and with what; null where the name was tried too often to look at this one.</returns>
    public async Task<(SignInResult Result, SignInFactor Factor)?> TryAsync(PortalUser person, string? code, HttpContext request)
    {
        using var lease = names.Try(signIn.UserManager.NormalizeName(person.UserName) ?? "");
        if (!lease.IsAcquired)
        {
            request.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            _ = RateLimits.WriteRetryAfter(request.Response, lease);
            return null;
        }

        var started = clock.GetTimestamp();
        var (result, factor) = await TryAsync(person, code, ClientAddress.Of(request));
        if (!result.Succeeded)
        {
            if (SignInDoor.RefusalTime - clock.GetElapsedTime(started) is { Ticks: > 0 } rest) await Task.Delay(rest, clock, request.RequestAborted);
            return (result, factor);
        }

        await request.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
        await signIn.SignInWithClaimsAsync(person, isPersistent: true, [new Claim("amr", "mfa")]);
        return (result, factor);
    }

    private async Task<(SignInResult Result, SignInFactor Factor)> TryAsync(PortalUser person, string? code, string? from)
    {
        var people = signIn.UserManager;
        if (!await signIn.CanSignInAsync(person)) return (SignInResult.NotAllowed, default);
        if (await people.IsLockedOutAsync(person)) return (SignInResult.LockedOut, default);
        SignInFactor? factor = await second.VerifyAsync(person, code) ? SignInFactor.PasswordAndCode
            : await factors.UseRecoveryCodeAsync(code, new Actor(person.Id, person.UserName) { From = from }, CancellationToken.None) ? SignInFactor.PasswordAndRecoveryCode
            : null;
        if (factor is { } good)
        {
            // Also where nothing had failed: the person must still be the one who was read.
            return ((await people.ResetAccessFailedCountAsync(person)).Succeeded ? SignInResult.Success : SignInResult.Failed, good);
        }

        _ = await people.AccessFailedAsync(person);
        return (await people.IsLockedOutAsync(person) ? SignInResult.LockedOut : SignInResult.Failed, default);
    }
}
