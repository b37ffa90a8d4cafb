using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace AdminPortal.Hosting.SingleSignOn;

/// <summary>Configures the OpenID Connect handler: authorization code flow with PKCE.</summary>
internal sealed class SingleSignOnScheme(
    IOptions<PortalOptions> portal, PortalAddresses addresses, AuthorityMetadata metadata, IHttpClientFactory clients, TimeProvider clock)
    : IConfigureNamedOptions<OpenIdConnectOptions>
{
    /// <summary>The scheme's name. It is part of the purpose that states are sealed for.</summary>
    public const string Name = "SingleSignOn";

    /// <summary>How long a user may take at the authority.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        if (name == Name) Configure(options);
    }

    public void Configure(OpenIdConnectOptions options)
    {
        var settings = portal.Value.SingleSignOn;
        options.ClientId = settings.ClientId;
        options.ClientSecret = settings.ClientSecret;
        options.Scope.Clear();
        foreach (var scope in settings.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)) options.Scope.Add(scope);
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.PushedAuthorizationBehavior = PushedAuthorizationBehavior.Disable;
        options.DisableTelemetry = true;

        options.CallbackPath = PortalAddresses.SingleSignOnCallbackPath;
        // Signing out is an endpoint of the portal.
        options.RemoteSignOutPath = default;
        options.SignedOutCallbackPath = default;

        options.Backchannel = clients.CreateClient(AuthorityBackchannel.ClientName);
        options.ConfigurationManager = metadata.Manager;
        options.TokenHandler = new IdTokenRules.SignedTokenHandler { MapInboundClaims = false };
        options.TokenValidationParameters = IdTokenRules.Parameters(clock);
        options.ClaimActions.Clear();
        // The nonce is in the sealed state instead of a second cookie. The events compare it. A token without it is refused all the same.
        options.ProtocolValidator = new() { RequireNonce = false, RequireStateValidation = false, RequireTimeStampInNonce = false };

        var cookie = options.CorrelationCookie;
        cookie.Name = PortalCookie.Name("sso-", addresses);
        cookie.Path = "/";
        // The user returns by a link on the authority's site, which only Lax cookies follow.
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = PortalCookie.Secure(addresses);
        cookie.MaxAge = Lifetime;
        options.RemoteAuthenticationTimeout = Lifetime;
    }
}
