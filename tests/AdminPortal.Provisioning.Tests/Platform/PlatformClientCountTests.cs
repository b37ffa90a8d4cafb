using System.Net;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary><c>GET /instances/count</c> on the wire.</summary>
public sealed class PlatformClientCountTests
{
    [Theory]
    [InlineData("""{"totalInstances":1204,"elementInstances":1200}""")]
    [InlineData("""{"totalInstances":"1204"}""")]
    public async Task CountAsync_DocumentedAnswer_IsTheTotal(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        var outcome = await client.Platform.CountAsync(client.Account, Token);

        outcome.ShouldBeOfType<PlatformOutcome<long>.Success>().Value.ShouldBe(1204);
        var request = client.Handler.Requests.ShouldHaveSingleItem();
        (request.Method, request.Url).ShouldBe((HttpMethod.Get, "https://api.cloud-elements.com/elements/api-v2/instances/count"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"totalInstances":-1}""")]
    public async Task CountAsync_NoTotal_IsNoClearAnswer(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        (await client.Platform.CountAsync(client.Account, Token)).ShouldBeOfType<PlatformOutcome<long>.Unknown>().Reason.ShouldBe(UnclearReason.Unreadable);
    }

    [Fact]
    public async Task CountAsync_NoSuchEndpoint_IsRefused()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("{}", HttpStatusCode.NotFound));

        (await client.Platform.CountAsync(client.Account, Token)).ShouldBeOfType<PlatformOutcome<long>.Refused>().Status.ShouldBe(404);
    }
}
