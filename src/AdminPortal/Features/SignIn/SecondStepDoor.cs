using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>The second step of signing in, for a user whose password was right: a code of the app, or a recovery code.</summary>
public sealed class SecondStepDoor(SignInManager<PortalUser> signIn, SignInSteps steps, SignInTries tries, PortalAddresses addresses, TimeProvider clock)
{
    /// <summary>The user who has entered the right password in this browser within the last minutes; null for none.</summary>
    public Task<PortalUser?> FindWaitingAsync(HttpContext request) => SecondStepTicket.ReadAsync(request, signIn.UserManager);

    /// <summary>Signs in, or not.</summary>
    /// <param name="user">The user that <see cref="FindWaitingAsync"/> gave.</param>
    /// <param name="code">The code as entered.</param>
    /// <param name="request">The request. Its answer says when to come back where the address was tried too often.</param>
    /// <returns>The state, and what the user signed in with; null where the address was tried too often to evaluate this attempt.</returns>
    public async Task<(SignInStepState State, SignInFactor Factor)?> TryAsync(PortalUser user, string? code, HttpContext request)
    {
        var cookie = KnownBrowserCookie.Read(request, addresses);
        using var lease = await tries.TakeAsync(user.UserName ?? "", cookie, request.Response, request.RequestAborted);
        if (lease is null) return null;
        var started = clock.GetTimestamp();
        var (state, factor) = await steps.TryCodeAsync(user, code, cookie, ClientAddress.Of(request), CancellationToken.None);
        if (state != SignInStepState.Done)
        {
            await SignInDoor.WaitAsync(clock, started, request.RequestAborted);
            return (state, factor);
        }

        await SecondStepTicket.TakeAsync(request);
        await signIn.SignInWithClaimsAsync(user, isPersistent: true, [new Claim("amr", "mfa")]);
        return (state, factor);
    }
}
