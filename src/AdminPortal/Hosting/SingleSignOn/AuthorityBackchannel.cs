using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;
using Microsoft.Extensions.Options;

namespace AdminPortal.Hosting.SingleSignOn;

/// <summary>Guards the portal's requests to the authority. The HTTP client bounds time and size and follows no redirects.</summary>
internal sealed class AuthorityBackchannel(PortalAddresses addresses, IOptions<PortalOptions> options) : DelegatingHandler
{
    /// <summary>The name of the HTTP client.</summary>
    public const string ClientName = "single-sign-on";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!WebAddress.TryParse(request.RequestUri?.OriginalString, addresses.AllowLoopbackHttp, out _, out _))
            throw new InvalidDataException("The authority's metadata names an address that the portal does not send requests to.");
        if (request.Content is not { } form) return await base.SendAsync(request, cancellationToken);

        request.Headers.Accept.ParseAdd(MediaTypeNames.Application.Json);
        // The handler can send the secret only in the form. SingleSignOnEvents removes it there if the authority wants it in the header.
        var fields = await form.ReadAsStringAsync(cancellationToken);
        if (!fields.Contains("client_secret=", StringComparison.Ordinal)) request.Headers.Authorization = Credentials();
        var response = await base.SendAsync(request, cancellationToken);
        // The handler would report an error page as an invalid token response.
        var type = response.Content.Headers.ContentType?.MediaType;
        if (response.IsSuccessStatusCode || type?.EndsWith("json", StringComparison.OrdinalIgnoreCase) is true) return response;
        response.Dispose();
        throw new SingleSignOnException(SingleSignOnRefusal.CodeRefused);
    }

    // RFC 6749, section 2.3.1: both are form-encoded first.
    private AuthenticationHeaderValue Credentials()
    {
        var settings = options.Value.SingleSignOn;
        var pair = $"{WebUtility.UrlEncode(settings.ClientId)}:{WebUtility.UrlEncode(settings.ClientSecret)}";
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
    }
}
