using AdminPortal.Provisioning.Activity;
using Microsoft.AspNetCore.Components.Authorization;
using System.Security.Claims;

namespace AdminPortal.Features.SignIn;

/// <summary>The signed-in person as the one who does something.</summary>
internal static class SignedInActor
{
    /// <summary>The person of a request.</summary>
    public static Actor Actor(this ClaimsPrincipal person) => new(person.PersonId(), person.Identity?.Name) { From = person.FindFirstValue(ClientAddress.ClaimType) };

    /// <summary>The person of a circuit.</summary>
    public static async Task<Actor> ActorAsync(this Task<AuthenticationState>? signedIn) =>
        signedIn is null ? Provisioning.Activity.Actor.Portal : (await signedIn).User.Actor();
}
