using System.Security.Claims;
using AdminPortal.Domain.Access;
using Microsoft.AspNetCore.Components.Authorization;

namespace AdminPortal.Access;

/// <summary>The signed-in person as the one who does something.</summary>
internal static class SignedInActor
{
    /// <summary>The signed-in user of a request, or <see cref="Domain.Access.Actor.Nobody"/> if nobody is signed in.</summary>
    public static Actor Actor(this ClaimsPrincipal person) => person.Identity is { IsAuthenticated: true } identity && person.PersonId() is { } id
        ? new(id, identity.Name)
        {
            Role = Enum.TryParse<Role>(person.FindFirstValue(ClaimTypes.Role), out var role) && Enum.IsDefined(role) ? role : null,
            SessionId = person.SessionId(),
            From = person.FindFirstValue(ClientAddress.ClaimType),
        }
        : Domain.Access.Actor.Nobody with { From = person.FindFirstValue(ClientAddress.ClaimType) };

    /// <summary>The id of the signed-in user; null if nobody is signed in.</summary>
    public static Guid? PersonId(this ClaimsPrincipal person) =>
        Guid.TryParse(person.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? id : null;

    /// <summary>The person of a circuit; nobody where none was handed down.</summary>
    public static async Task<Actor> ActorAsync(this Task<AuthenticationState>? signedIn) =>
        signedIn is null ? Domain.Access.Actor.Nobody : (await signedIn).User.Actor();
}
