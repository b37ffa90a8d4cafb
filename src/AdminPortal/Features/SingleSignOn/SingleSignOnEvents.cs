using System.Security.Claims;
using AdminPortal.Domain.Settings;
using AdminPortal.Hosting.SingleSignOn;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.Net.Http.Headers;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>The portal's own rules, as events of the OpenID Connect handler.</summary>
internal sealed class SingleSignOnEvents(
    AuthorityMetadata metadata, UsedStates used, IOptions<PortalOptions> options, PortalAddresses addresses, TimeProvider clock,
    ILogger<SingleSignOnEvents> logger)
    : OpenIdConnectEvents
{
    // How many sign-ins may be under way in one browser. Together their cookies stay far below what a request may carry.
    private const int MaxPending = 5;

    private const string NonceItem = "nonce";

    // In the request's items: the code verifier, until the response is sent.
    private static readonly object VerifierKey = new();

    private static readonly string[] ResponseParameters =
    [
        OpenIdConnectParameterNames.State, OpenIdConnectParameterNames.Code, OpenIdConnectParameterNames.Iss,
        OpenIdConnectParameterNames.Error, OpenIdConnectParameterNames.ErrorDescription,
    ];

    /// <inheritdoc />
    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        context.ProtocolMessage.RedirectUri = addresses.PublicBaseUrl + PortalAddresses.SingleSignOnCallbackPath;
        // In the sealed state, which the correlation cookie ties to the browser, so that a sign-in needs one cookie instead of two.
        var nonce = OneTimeValue.Create();
        context.Properties.Items[NonceItem] = nonce;
        context.ProtocolMessage.Nonce = nonce;
        DeleteOldestCookies(context.HttpContext, context.Options.CorrelationCookie);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override async Task AuthorizationCodeReceived(AuthorizationCodeReceivedContext context)
    {
        var configuration = await metadata.Manager.GetConfigurationAsync(context.HttpContext.RequestAborted);
        if (CheckResponse(context.Properties!, context.Request.Query, configuration) is { } refusal)
        {
            context.Fail(new SingleSignOnException(refusal));
            return;
        }

        var request = context.TokenEndpointRequest!;
        // The authority may quote it in an error.
        context.HttpContext.Items[VerifierKey] = request.GetParameter(OAuthConstants.CodeVerifierKey);
        var methods = configuration.TokenEndpointAuthMethodsSupported;
        // AuthorityBackchannel sends both in a header then.
        if (methods.Count == 0 || methods.Contains("client_secret_basic") || !methods.Contains("client_secret_post"))
            (request.ClientId, request.ClientSecret) = (null, null);
    }

    /// <inheritdoc />
    public override Task TokenResponseReceived(TokenResponseReceivedContext context)
    {
        var response = context.TokenEndpointResponse;
        if (!string.IsNullOrEmpty(response.Error))
            context.Fail(new SingleSignOnException(SingleSignOnRefusal.CodeRefused, response.Error, response.ErrorDescription));
        else if (string.IsNullOrEmpty(response.IdToken))
            context.Fail(new SingleSignOnException(SingleSignOnRefusal.NoToken));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override Task TokenValidated(TokenValidatedContext context)
    {
        // The handler compares it with the token's.
        context.Nonce = context.Properties!.Items[NonceItem];
        if (IdTokenRules.Check(context.SecurityToken, context.Options.ClientId!, clock) is { } refusal)
            context.Fail(new SingleSignOnException(refusal));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override async Task TicketReceived(TicketReceivedContext context)
    {
        var properties = context.Properties!;
        var request = SignInRequest.Read(properties, context.ReturnUri);
        IReadOnlyList<Claim> claims = [.. context.Principal!.Claims];
        await Return(context.HttpContext).CompleteAsync(context.HttpContext, claims, request, properties.IssuedUtc!.Value);
        context.HandleResponse();
    }

    /// <inheritdoc />
    public override async Task RemoteFailure(RemoteFailureContext context)
    {
        context.HttpContext.RequestAborted.ThrowIfCancellationRequested();
        var query = context.Request.Query;
        var failure = context.Failure as SingleSignOnException;
        // Not a response of the authority but an error of the portal: the handler throws it.
        if (await ReadAsync(context) is not { } why) return;

        var (error, description) = why == SingleSignOnRefusal.Denied
            ? ((string?)query[OpenIdConnectParameterNames.Error], (string?)query[OpenIdConnectParameterNames.ErrorDescription])
            : failure is not null ? (failure.Error, failure.Description)
            : SingleSignOnFailure.ReadTokenError(context.Failure!);
        var words = SingleSignOnFailure.Clean(error, description, [
            query[OpenIdConnectParameterNames.State], query[OpenIdConnectParameterNames.Code],
            (string?)context.HttpContext.Items[VerifierKey], options.Value.SingleSignOn.ClientSecret]);
        // The cookie of this state is gone, for example because the callback was loaded again.
        var isRepeated = context.Failure is AuthenticationFailureException;
        await Return(context.HttpContext).RefuseAsync(context.HttpContext, why, words, isRepeated);
        context.HandleResponse();
    }

    private static SingleSignOnReturn Return(HttpContext context) => context.RequestServices.GetRequiredService<SingleSignOnReturn>();

    private static bool IsWithoutCode(IQueryCollection query) =>
        !string.IsNullOrEmpty(query[OpenIdConnectParameterNames.Error]) || string.IsNullOrEmpty(query[OpenIdConnectParameterNames.Code]);

    private async Task<SingleSignOnRefusal?> ReadAsync(RemoteFailureContext context)
    {
        var query = context.Request.Query;
        if (context.Failure is SingleSignOnException own) return own.Refusal;
        var hasNoCode = context.Failure is OpenIdConnectProtocolException && IsWithoutCode(query);
        if (!hasNoCode && context.Failure is not InvalidOperationException) return SingleSignOnFailure.Read(context.Failure!, logger);
        // The metadata is needed for both: the handler throws InvalidOperationException when it cannot read it.
        var (configuration, unavailable) = await metadata.FindAsync(context.HttpContext.RequestAborted);
        if (configuration is null) return unavailable;
        if (!hasNoCode) return null;
        return CheckResponse(context.Properties!, query, configuration)
            ?? (string.IsNullOrEmpty(query[OpenIdConnectParameterNames.Error]) ? SingleSignOnRefusal.NoCode : SingleSignOnRefusal.Denied);
    }

    // To be called once for each response, after the handler has found that state and cookie belong together.
    private SingleSignOnRefusal? CheckResponse(
        AuthenticationProperties properties, IQueryCollection query, OpenIdConnectConfiguration configuration)
    {
        var end = properties.IssuedUtc!.Value + SingleSignOnScheme.Lifetime;
        // A parameter that comes twice is ambiguous.
        var isAmbiguous = ResponseParameters.Any(name => query[name].Count > 1);
        if (isAmbiguous || end <= clock.GetUtcNow() || !used.TryUse(properties.Items[NonceItem]!, end))
            return SingleSignOnRefusal.UnknownState;
        // RFC 9207: a response of another authority is recognized by the issuer that it names, or does not name.
        var issuer = (string?)query[OpenIdConnectParameterNames.Iss];
        var isFromAuthority = string.IsNullOrEmpty(issuer)
            ? configuration.AuthorizationResponseIssParameterSupported is not true
            : issuer == configuration.Issuer;
        return isFromAuthority ? null : SingleSignOnRefusal.OtherIssuer;
    }

    // Browsers send cookies of the same path in the order of their creation (RFC 6265, section 5.4).
    private void DeleteOldestCookies(HttpContext context, CookieBuilder cookie)
    {
        if (!CookieHeaderValue.TryParseList(context.Request.Headers.Cookie, out var cookies)) return;
        var names = cookies.Select(one => one.Name.ToString());
        var pending = names.Where(name => name.StartsWith(cookie.Name!, StringComparison.Ordinal)).ToList();
        var deletion = cookie.Build(context, clock.GetUtcNow());
        foreach (var name in pending.SkipLast(MaxPending - 1)) context.Response.Cookies.Delete(name, deletion);
    }
}
