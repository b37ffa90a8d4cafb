using System.Security.Claims;

namespace AdminPortal.Access;

/// <summary>The session's id, as the cookie carries it.</summary>
internal static class SessionClaim
{
    public const string Type = "adminportal:session";

    /// <summary>The session in which somebody is signed in; null for cookies from before there were sessions, and for what is no browser.</summary>
    public static Guid? SessionId(this ClaimsPrincipal person) => Guid.TryParse(person.FindFirstValue(Type), out var id) ? id : null;
}
