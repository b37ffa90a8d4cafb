using System.Security.Claims;
using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.ApiTokens;

namespace AdminPortal.Features.Api;

/// <summary>What an endpoint of the API asks of the token, and of the role of its person. An endpoint without it lets nobody in.</summary>
internal sealed record ApiAccess(ApiScope Scope)
{
    public const string ScopeClaim = "adminportal:scope";
    public const string TokenClaim = "adminportal:token";

    public static ApiAccess? Of(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<ApiAccess>();

    public Operation? Operation => ApiScopes.OperationOf(Scope);

    public bool HasScope(ClaimsPrincipal caller) => caller.HasClaim(ScopeClaim, Scope.ToString());

    public bool Allows(ClaimsPrincipal caller) => HasScope(caller) && ApiScopes.Allows(caller.Actor().Role, Scope);

    /// <summary>The token that a call came with.</summary>
    public static Guid TokenOf(ClaimsPrincipal caller) => Guid.Parse(caller.FindFirstValue(TokenClaim)!);
}
