using AdminPortal.Domain.Access;
using AdminPortal.Domain.ApiTokens;

namespace AdminPortal.Provisioning.ApiTokens;

/// <summary>What a token that was presented is good for.</summary>
/// <param name="State">Whether it works.</param>
/// <param name="Caller">Who calls; null unless it works.</param>
public sealed record ApiTokenLook(ApiTokenState State, ApiCaller? Caller);

/// <summary>Who calls by means of a token, as it is at the time of the call.</summary>
/// <param name="TokenId">The token.</param>
/// <param name="TokenName">Its name.</param>
/// <param name="PersonId">Whose it is.</param>
/// <param name="PersonName">The person's name.</param>
/// <param name="Role">The person's role now; null where it cannot be read, and then nothing is allowed.</param>
/// <param name="Scopes">What the token is for.</param>
public sealed record ApiCaller(Guid TokenId, string TokenName, Guid PersonId, string PersonName, Role? Role, IReadOnlyList<ApiScope> Scopes);
