using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using Microsoft.IdentityModel.Protocols;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Reads what the authority publishes. Time and size are bounded by the client; addresses have to be https, as everywhere.</summary>
internal sealed class AuthorityDocuments(IHttpClientFactory clients, PortalAddresses addresses) : IDocumentRetriever
{
    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        if (!WebAddress.TryParse(address, addresses.AllowLoopbackHttp, out var url, out _)) throw new InvalidDataException("The authority names an address that the portal does not ask.");
        using var http = clients.CreateClient(Authority.ClientName);
        using var answer = await http.GetAsync(url, cancel).ConfigureAwait(false);
        _ = answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
    }
}
