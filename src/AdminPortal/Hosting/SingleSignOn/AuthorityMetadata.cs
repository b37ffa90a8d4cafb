using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.Configuration;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace AdminPortal.Hosting.SingleSignOn;

/// <summary>The authority's endpoints and signing keys, as its discovery document names them.</summary>
internal sealed class AuthorityMetadata : IConfigurationValidator<OpenIdConnectConfiguration>
{
    private readonly PortalAddresses _addresses;
    private readonly ILogger<AuthorityMetadata> _logger;
    private readonly string _issuer;

    public AuthorityMetadata(
        IHttpClientFactory clients, IOptions<PortalOptions> options, PortalAddresses addresses, ILogger<AuthorityMetadata> logger)
    {
        // By default the library reads new keys in the background, and refuses the sign-in whose token was signed with one of them.
        AppContext.SetSwitch("Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking", true);
        (_addresses, _logger, _issuer) = (addresses, logger, options.Value.SingleSignOn.Authority.Trim().TrimEnd('/'));
        // AuthorityBackchannel checks the addresses: plain http is allowed on loopback in Development.
        var documents = new HttpDocumentRetriever(clients.CreateClient(AuthorityBackchannel.ClientName))
        {
            RequireHttps = false,
            SendAdditionalHeaderData = false,
        };
        Manager = new(_issuer + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), documents, this)
        {
            AutomaticRefreshInterval = TimeSpan.FromHours(6),
            RefreshInterval = TimeSpan.FromSeconds(5),
            // A key that the authority has withdrawn must not be accepted any longer.
            UseLastKnownGoodConfiguration = false,
        };
    }

    /// <summary>Reads the metadata at first use, after six hours, and when a token names an unknown key.</summary>
    public ConfigurationManager<OpenIdConnectConfiguration> Manager { get; }

    /// <summary>The metadata, or why there is none.</summary>
    public async Task<(OpenIdConnectConfiguration? Found, SingleSignOnRefusal Refusal)> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await Manager.GetConfigurationAsync(cancellationToken), default);
        }
        catch (InvalidOperationException exception)
        {
            return (null, ReadFailure(exception));
        }
    }

    /// <summary>Whether an address of the metadata may be used.</summary>
    public bool IsAddress(string? text) => WebAddress.TryParse(text, _addresses.AllowLoopbackHttp, out _, out _);

    /// <inheritdoc />
    public ConfigurationValidationResult Validate(OpenIdConnectConfiguration configuration)
    {
        // Another authority's document must not speak for this one. The trailing slash is optional.
        var isValid = string.Equals(configuration.Issuer?.TrimEnd('/'), _issuer, StringComparison.Ordinal)
            && IsAddress(configuration.AuthorizationEndpoint) && IsAddress(configuration.TokenEndpoint)
            && configuration.SigningKeys.Count > 0 && !configuration.RequirePushedAuthorizationRequests;
        if (!isValid) SingleSignOnEventLog.Misconfigured(_logger);
        return new() { Succeeded = isValid, ErrorMessage = isValid ? null : "The metadata does not fit the portal's settings." };
    }

    // The exception's text is not logged: it may quote the authority's documents.
    private SingleSignOnRefusal ReadFailure(InvalidOperationException exception)
    {
        var cause = exception.GetBaseException();
        for (Exception? one = exception; one is not null; one = one.InnerException)
        {
            if (one is HttpRequestException or OperationCanceledException) cause = one;
        }

        // Without a cause: reading failed a moment ago and is not repeated yet.
        if (cause is HttpRequestException or OperationCanceledException or IOException or InvalidOperationException)
        {
            SingleSignOnEventLog.NotAnswered(_logger, cause.GetType().Name);
            return SingleSignOnRefusal.Unreachable;
        }

        if (cause is not InvalidConfigurationException) SingleSignOnEventLog.NotRead(_logger, cause.GetType().Name);
        return SingleSignOnRefusal.Misconfigured;
    }
}
