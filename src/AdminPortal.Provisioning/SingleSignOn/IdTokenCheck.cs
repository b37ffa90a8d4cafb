using System.IdentityModel.Tokens.Jwt;
using AdminPortal.Domain.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Looks whether an ID token is the authority's, for this portal, of this sign-in, and still good.</summary>
internal sealed class IdTokenCheck(IOptions<PortalOptions> options, TimeProvider clock, ILogger<IdTokenCheck> logger)
{
    /// <summary>How far the authority's clock may be from ours.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    // Keys of a pair alone. With a shared algorithm the public key, which anybody can read, would serve as the secret.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };

    // The state is looked at before, by what the browser keeps of it.
    private readonly OpenIdConnectProtocolValidator _protocol = new() { RequireStateValidation = false, RequireTimeStampInNonce = false };

    /// <summary>Looks at a token.</summary>
    /// <param name="given">What the authority gave.</param>
    /// <param name="configuration">What it says about itself.</param>
    /// <param name="nonce">What was asked for.</param>
    /// <returns>The token where it is good; otherwise what is wrong, and whether a key was missing.</returns>
    public async Task<(JsonWebToken? Token, SingleSignOnRefusal Refusal, bool KeyIsUnknown)> LookAsync(TokenAnswer.Given given, OpenIdConnectConfiguration configuration, string nonce)
    {
        var client = options.Value.SingleSignOn.ClientId;
        var result = await _tokens.ValidateTokenAsync(given.IdToken, new TokenValidationParameters
        {
            ValidIssuer = configuration.Issuer,
            ValidAudience = client,
            ValidAlgorithms = Algorithms,
            IssuerSigningKeys = configuration.SigningKeys,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            RequireAudience = true,
            ValidateIssuerSigningKey = true,
            LifetimeValidator = IsInTime,
        }).ConfigureAwait(false);
        if (!result.IsValid)
        {
            // The kind alone: its words name what is in the token.
            SingleSignOnLog.TokenNotTaken(logger, result.Exception.GetType().Name);
            return result.Exception switch
            {
                SecurityTokenSignatureKeyNotFoundException => (null, SingleSignOnRefusal.TokenSignature, true),
                SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException or SecurityTokenInvalidSigningKeyException => (null, SingleSignOnRefusal.TokenSignature, false),
                SecurityTokenInvalidIssuerException => (null, SingleSignOnRefusal.TokenIssuer, false),
                SecurityTokenInvalidAudienceException => (null, SingleSignOnRefusal.TokenAudience, false),
                SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => (null, SingleSignOnRefusal.TokenExpired, false),
                _ => (null, SingleSignOnRefusal.TokenInvalid, false),
            };
        }

        var token = (JsonWebToken)result.SecurityToken;
        // Of several it may be for, the one that asked for it has to be named.
        if (token.Audiences.Skip(1).Any() && token.Azp != client) return (null, SingleSignOnRefusal.TokenAudience, false);
        if (token.Azp is { Length: > 0 } azp && azp != client) return (null, SingleSignOnRefusal.TokenAudience, false);
        if (token.IssuedAt > (clock.GetUtcNow() + Skew).UtcDateTime) return (null, SingleSignOnRefusal.TokenExpired, false);
        try
        {
            _protocol.ValidateTokenResponse(new OpenIdConnectProtocolValidationContext
            {
                ClientId = client,
                Nonce = nonce,
                ProtocolMessage = new OpenIdConnectMessage { IdToken = given.IdToken, AccessToken = given.AccessToken },
                ValidatedIdToken = JwtSecurityTokenConverter.Convert(token),
            });
            return (token, default, false);
        }
        catch (OpenIdConnectProtocolInvalidNonceException)
        {
            return (null, SingleSignOnRefusal.TokenNonce, false);
        }
        catch (OpenIdConnectProtocolException exception)
        {
            SingleSignOnLog.TokenNotTaken(logger, exception.GetType().Name);
            return (null, SingleSignOnRefusal.TokenInvalid, false);
        }
    }

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        // The skew is taken from our time: theirs may be the first or the last that there is.
        return expires is { } end && now - Skew < end && (notBefore is not { } start || now + Skew >= start);
    }
}
