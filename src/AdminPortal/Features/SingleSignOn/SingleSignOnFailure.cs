using AdminPortal.Domain.Text;
using AdminPortal.Hosting.SingleSignOn;
using AdminPortal.Provisioning.SingleSignOn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>Translates failures of the OpenID Connect handler. Their texts are neither shown nor logged: they may quote a token.</summary>
internal static class SingleSignOnFailure
{
    private const int MaxWordsLength = 300;
    private const string Mask = "***";

    // Set by the handler for a token response without a description.
    private const string NoDescription = "error_description is null";

    /// <summary>Why the response was refused; null for an exception that no response causes.</summary>
    public static SingleSignOnRefusal? Read(Exception failure, ILogger logger)
    {
        var refusal = Read(failure);
        if (refusal == SingleSignOnRefusal.Unreachable) SingleSignOnEventLog.NotAnswered(logger, failure.GetType().Name);
        else if (refusal is not (null or SingleSignOnRefusal.UnknownState)) SingleSignOnEventLog.NotTaken(logger, failure.GetType().Name);
        return refusal;
    }

    private static SingleSignOnRefusal? Read(Exception failure) => failure switch
    {
        // State or cookie are missing or do not belong together.
        AuthenticationFailureException => SingleSignOnRefusal.UnknownState,
        HttpRequestException or OperationCanceledException => SingleSignOnRefusal.Unreachable,
        OpenIdConnectProtocolInvalidNonceException => SingleSignOnRefusal.TokenNonce,
        OpenIdConnectProtocolInvalidAtHashException => SingleSignOnRefusal.TokenInvalid,
        OpenIdConnectProtocolException when failure.Data.Contains("error") => SingleSignOnRefusal.CodeRefused,
        // The token response is not JSON.
        OpenIdConnectProtocolException { InnerException: not null } => SingleSignOnRefusal.NoToken,
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException or SecurityTokenInvalidSigningKeyException =>
            SingleSignOnRefusal.TokenSignature,
        SecurityTokenInvalidIssuerException => SingleSignOnRefusal.TokenIssuer,
        SecurityTokenInvalidAudienceException => SingleSignOnRefusal.TokenAudience,
        SecurityTokenInvalidLifetimeException or SecurityTokenNoExpirationException => SingleSignOnRefusal.TokenExpired,
        OpenIdConnectProtocolException or SecurityTokenException or SecurityTokenMalformedException => SingleSignOnRefusal.TokenInvalid,
        _ => null,
    };

    /// <summary>The error of a token response.</summary>
    public static (string? Error, string? Description) ReadTokenError(Exception failure)
    {
        var description = failure.Data["error_description"] as string;
        return (failure.Data["error"] as string, description == NoDescription ? null : description);
    }

    /// <summary>An authority's description of an error: cleaned, cut, and without what must not be shown.</summary>
    public static string? Clean(string? error, string? description, IEnumerable<string?> secrets)
    {
        var words = string.Join(": ", new[] { error, description }.Where(part => !string.IsNullOrWhiteSpace(part)));
        foreach (var secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret)) words = words.Replace(secret, Mask, StringComparison.Ordinal);
        }

        return OutsideText.Clean(words, MaxWordsLength)?.TrimEnd('.');
    }
}
