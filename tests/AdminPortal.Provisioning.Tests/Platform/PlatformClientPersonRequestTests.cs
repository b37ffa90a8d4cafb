using System.Net;
using System.Text;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>An instance's description, and a person's own requests, on the wire.</summary>
public sealed class PlatformClientPersonRequestTests
{
    private const string Base = "https://api.cloud-elements.com/elements/api-v2/";
    private static readonly Secret ElementToken = new(SecretKind.InstanceToken, Guid.NewGuid(), new Sealed("ABC/D+x="));

    [Fact]
    public async Task GetDocsAsync_Any_AsksForTheLatestAsTheAccount()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"swagger":"2.0","paths":{}}"""));

        var docs = await client.Platform.GetDocsAsync(client.Account, 12345, Token);

        docs.ShouldBeOfType<PlatformOutcome<System.Text.Json.JsonElement>.Success>().Value.GetProperty("swagger").GetString().ShouldBe("2.0");
        var request = client.Handler.Requests.ShouldHaveSingleItem();
        (request.Method, request.Url).ShouldBe((HttpMethod.Get, Base + "instances/12345/docs?version=-1"));
        request.Headers["Authorization"].ShouldBe("User user+secret/=, Organization 0123abcd");
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task GetDocsAsync_NoJson_IsUnreadable(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        var docs = await client.Platform.GetDocsAsync(client.Account, 1, Token);

        docs.ShouldBeOfType<PlatformOutcome<System.Text.Json.JsonElement>.Unknown>().Reason.ShouldBe(UnclearReason.Unreadable);
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("HEAD", null)]
    [InlineData("DELETE", null)]
    [InlineData("POST", """{"name":"é"}""")]
    [InlineData("PATCH", "{}")]
    public async Task SendAsync_Method_GoesWithTheTokenAndOnce(string method, string? body)
    {
        using var client = new TestClient();
        // Nothing is repeated, whatever comes back.
        client.Handler.Always(() => ScriptedHandler.Json("{}", HttpStatusCode.TooManyRequests, ("Retry-After", "0")));

        var outcome = await client.Platform.SendAsync(client.Account, ElementToken, new InstanceRequest(method, "/contacts/a%20b?where=x%3D1", body), Token);

        outcome.ShouldBeOfType<PlatformOutcome<InstanceResponse>.Success>().Value.Status.ShouldBe(429);
        var request = client.Handler.Requests.ShouldHaveSingleItem();
        (request.Method.Method, request.Url, request.Body).ShouldBe((method, Base + "contacts/a%20b?where=x%3D1", body));
        request.Headers["Authorization"].ShouldBe("User user+secret/=, Organization 0123abcd, Element ABC/D+x=");
        request.Headers["Accept"].ShouldBe("application/json");
        request.ContentType.ShouldBe(body is null ? null : "application/json");
    }

    [Fact]
    public async Task SendAsync_Headers_GoAlongAndAcceptTakesThePlace()
    {
        using var client = new TestClient();
        var request = new InstanceRequest("GET", "/contacts", null) { Headers = [KeyValuePair.Create("Accept", "text/csv"), KeyValuePair.Create("Elements-Trace", "true")] };

        _ = await client.Platform.SendAsync(client.Account, ElementToken, request, Token);

        var sent = client.Handler.Requests.ShouldHaveSingleItem();
        (sent.Headers["Accept"], sent.Headers["Elements-Trace"]).ShouldBe(("text/csv", "true"));
    }

    [Fact]
    public async Task SendAsync_Answer_IsShownButForCookies()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(
            """{"message":"No"}""", HttpStatusCode.Forbidden, ("Elements-Request-Id", "abc"), ("Set-Cookie", "session=1"), ("X-Two", "a"), ("X-Two", "b")));

        var outcome = await client.Platform.SendAsync(client.Account, ElementToken, new InstanceRequest("GET", "/contacts", null), Token);

        var answer = outcome.ShouldBeOfType<PlatformOutcome<InstanceResponse>.Success>().Value;
        (answer.Status, answer.Body, answer.RequestId, answer.Truncated).ShouldBe((403, """{"message":"No"}""", "abc", false));
        answer.Headers.Select(header => header.Key).ShouldBe(["Content-Length", "Content-Type", "Elements-Request-Id", "X-Two"]);
        answer.Headers[3].Value.ShouldBe("a, b");
    }

    [Fact]
    public async Task SendAsync_LongBody_IsCut()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Raw(Encoding.UTF8.GetBytes(new string('é', InstanceResponse.MaxBodyLength + 1)), "text/plain"));

        var outcome = await client.Platform.SendAsync(client.Account, ElementToken, new InstanceRequest("GET", "/contacts", null), Token);

        var answer = outcome.ShouldBeOfType<PlatformOutcome<InstanceResponse>.Success>().Value;
        (answer.Body.Length, answer.Truncated).ShouldBe((InstanceResponse.MaxBodyLength, true));
    }

    [Fact]
    public async Task SendAsync_TokenThatDoesNotOpen_SendsNothing()
    {
        using var client = new TestClient();
        var unreadable = new Secret(SecretKind.InstanceToken, Guid.NewGuid(), new Sealed(PlainSecretBox.Unreadable));

        var outcome = await client.Platform.SendAsync(client.Account, unreadable, new InstanceRequest("GET", "/contacts", null), Token);

        outcome.ShouldBeOfType<PlatformOutcome<InstanceResponse>.Unreachable>().Reason.ShouldBe(UnsentReason.SecretUnreadable);
        client.Handler.Requests.ShouldBeEmpty();
    }
}
