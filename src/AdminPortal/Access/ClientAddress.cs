using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace AdminPortal.Access;

/// <summary>
/// Gives a signed-in person the address that the request came from, as a claim: a circuit has no request, but it keeps the
/// person of the one that opened it.
/// </summary>
/// <remarks>It is put on a copy. On the principal itself it would be written into the cookie when that is renewed, and stay there.</remarks>
internal sealed class ClientAddress(IHttpContextAccessor requests) : IClaimsTransformation
{
    public const string ClaimType = "adminportal:from";

    public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
    {
        if (principal.HasClaim(claim => claim.Type == ClaimType) || Of(requests.HttpContext) is not { } address) return Task.FromResult(principal);
        var copy = principal.Clone();
        copy.AddIdentity(new ClaimsIdentity([new Claim(ClaimType, address)]));
        return Task.FromResult(copy);
    }

    /// <summary>The address of a request, as people write it; null where it has none.</summary>
    public static string? Of(HttpContext? request) =>
        request?.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null;
}
