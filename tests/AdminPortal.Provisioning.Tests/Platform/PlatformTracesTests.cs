using System.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>What a collector of traces would be told of the calls to a platform.</summary>
public sealed class PlatformTracesTests
{
    [Fact]
    public async Task OAuthUrl_AsItHasToGoIntoAQuery_LeavesNoSecretInATrace()
    {
        const string planted = "planted-client-secret";
        // The POST form is not known here, so the secret goes into the address.
        await using var server = new LoopbackServer((stream, cancel) => stream.WriteAsync(
            Encoding.ASCII.GetBytes("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"), cancel).AsTask());
        var handler = PlatformTransport.CreateHandler(OutgoingAddressesTests.Guard(new SystemHostAddresses(), allowPrivate: true));
        handler.UseProxy = false;
        using var client = new TestClient(handler) { Account = TestClient.NewAccount(server.Url, "planted-user-secret") };
        using var traces = new RecordedActivities();

        _ = await client.Platform.GetOAuthUrlAsync(client.Account, TestClient.UrlRequest(clientSecret: planted), Token);

        server.Requests.ShouldBe(2);
        var path = $"127.0.0.1:{new Uri(server.Url).Port}";
        var told = traces.Said.Where(said => said.Contains(path, StringComparison.Ordinal)).ToArray();
        told.Count(said => said.Contains("System.Net.Http.HttpRequestOut", StringComparison.Ordinal)).ShouldBe(2, "The calls themselves are told, or this test looks at nothing.");
        traces.Said.ShouldAllBe(said => !said.Contains("planted", StringComparison.Ordinal));
    }
}
