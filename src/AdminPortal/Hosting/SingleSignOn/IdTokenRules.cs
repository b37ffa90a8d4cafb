using System.IdentityModel.Tokens.Jwt;
using AdminPortal.Provisioning.SingleSignOn;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AdminPortal.Hosting.SingleSignOn;

/// <summary>How ID tokens are validated, and the rules that the handler does not have.</summary>
internal static class IdTokenRules
{
    // How far the authority's clock may be from ours.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    // Asymmetric algorithms only. With a symmetric one the public key, which anybody can read, would serve as the secret.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>The parameters of the validation. The handler adds audience, issuer and keys.</summary>
    public static TokenValidationParameters Parameters(TimeProvider clock) => new()
    {
        ValidAlgorithms = Algorithms,
        ValidateIssuerSigningKey = true,
        LifetimeValidator = (notBefore, expires, _, _) =>
        {
            var now = clock.GetUtcNow().UtcDateTime;
            // The skew is applied to our time: the token's may be the first or the last that a date can hold.
            return expires is { } end && now - Skew < end && (notBefore is not { } start || now + Skew >= start);
        },
    };

    /// <summary>Checks a token whose signature, issuer, audience and lifetime are valid.</summary>
    /// <returns>Null for a valid token.</returns>
    public static SingleSignOnRefusal? Check(JwtSecurityToken token, string clientId, TimeProvider clock)
    {
        // RFC 7515, section 4.1.11: extensions that must be understood. The portal understands none.
        if (token.Header.ContainsKey("crit")) return SingleSignOnRefusal.TokenSignature;
        // A token for several audiences has to name the portal as the one that asked for it.
        var azp = token.Payload.Azp;
        if (string.IsNullOrEmpty(azp) ? token.Audiences.Skip(1).Any() : azp != clientId) return SingleSignOnRefusal.TokenAudience;
        return token.IssuedAt > (clock.GetUtcNow() + Skew).UtcDateTime ? SingleSignOnRefusal.TokenExpired : null;
    }

    /// <summary>Whether the user has authenticated since a time. Without <c>auth_time</c> it is not known.</summary>
    public static bool IsAuthenticatedSince(string? authTime, DateTimeOffset time) =>
        long.TryParse(authTime, out var seconds) && seconds > 0 && seconds >= (time - Skew).ToUnixTimeSeconds();

    /// <summary>
    /// Refuses unsigned tokens. The handler accepts them from the token endpoint, as OpenID Connect Core 1.0, 3.1.3.7 allows.
    /// </summary>
    public sealed class SignedTokenHandler : JsonWebTokenHandler
    {
        public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            validationParameters.RequireSignedTokens = true;
            return base.ValidateTokenAsync(token, validationParameters);
        }
    }
}
