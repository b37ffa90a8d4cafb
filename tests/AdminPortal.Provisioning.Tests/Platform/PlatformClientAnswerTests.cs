using System.Net;
using System.Text;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>What the client makes of answers: the documented ones and nonsense.</summary>
public sealed partial class PlatformClientAnswerTests
{
    private const string Documented = """
        { "id": 12345, "name": "API Instance", "createdDate": "2017-08-07T18:46:38Z", "token": "ABC/Dx=",
          "element": { "id": 191, "name": "Infusionsoft CRM", "key": "infusionsoftcrm", "authentication": { "type": "oauth2" }, "resources": [] },
          "elementId": 191, "tags": ["docs"], "provisionInteractions": [], "valid": true, "disabled": false,
          "configuration": {
            "base.url": "https://fm260.infusionsoft.com/api/xmlrpc", "pagination.max": "100",
            "oauth.api.key": "********", "oauth.api.secret": "********",
            "oauth.user.refresh_interval": 28800, "event.notification.enabled": "false", "document.tagging": false,
            "event.notification.callback.url": null, "event.poller.configuration": { "orders": { "url": "/x" } }, "list": [1, "2"] },
          "cachingEnabled": false, "externalAuthentication": "none", "user": { "id": 12345 } }
        """;

    [Fact]
    public async Task CreateAsync_Refusal_CarriesWhatThePlatformSaid()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(
            """{"requestId":"from-body","message":"You must provide an OAuth code","providerMessage":"Authorization code is invalid"}""", HttpStatusCode.BadRequest));

        (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token)).ShouldBe(
            new PlatformOutcome<PlatformInstance>.Refused(400, "You must provide an OAuth code", "Authorization code is invalid", "from-body", null));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(502)]
    public async Task CreateAsync_RequestIdInHeader_WinsOverTheBody(int status)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"requestId":"from-body"}""", (HttpStatusCode)status, ("elements-request-id", "from-header")));

        var outcome = await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token);

        (outcome switch
        {
            PlatformOutcome<PlatformInstance>.Refused refused => refused.RequestId,
            PlatformOutcome<PlatformInstance>.Unknown unknown => unknown.RequestId,
            _ => null,
        }).ShouldBe("from-header");
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Unauthorized</body></html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"message":null}""")]
    [InlineData("{\"message\":\"")]
    public async Task CreateAsync_RefusalWithoutMessage_SaysTheReasonPhrase(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body, HttpStatusCode.Unauthorized));

        (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token))
            .ShouldBeOfType<PlatformOutcome<PlatformInstance>.Refused>().Message.ShouldBe("Unauthorized");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(503)]
    public async Task CreateAsync_MessageThatRepeatsTheRequest_HoldsNoSecret(int status)
    {
        using var client = new TestClient();
        string[] planted = ["evcfr8vfne4smad3nbnw652e", "47d-key", "client & secret", "user+secret/=", "0123abcd"];
        // As it was sent, as JSON within JSON writes it, and as an address does.
        string[] written = [.. planted, "client \\u0026 secret", "user%2Bsecret%2F%3D", "user+secret\\/="];
        client.Handler.Always(() => ScriptedHandler.Json(
            $$"""{"message":"Bad request: {{string.Join(" ; ", written)}} end","providerMessage":"code {{planted[0]}}."}""", (HttpStatusCode)status));

        var outcome = await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(ElementKey.Crm), Token);

        var said = outcome switch
        {
            PlatformOutcome<PlatformInstance>.Refused refused => $"{refused.Message} {refused.ProviderMessage}",
            PlatformOutcome<PlatformInstance>.Unknown unknown => unknown.Message!,
            _ => throw new InvalidOperationException(outcome.ToString()),
        };
        said.ShouldStartWith("Bad request: *** ; *** ; ");
        said.ShouldContain(" end");
        foreach (var secret in written) said.ShouldNotContain(secret);
    }

    [Fact]
    public async Task CreateAsync_HugeHostileMessage_IsCleanedAndBounded()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json($$"""{"message":"a\u202eb\n{{new string('x', 100_000)}}"}""", HttpStatusCode.BadRequest));

        var message = (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token)).ShouldBeOfType<PlatformOutcome<PlatformInstance>.Refused>().Message;

        message.Length.ShouldBe(1000);
        message.ShouldStartWith("ab x");
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("0", null)]
    [InlineData("86400", 3600)]
    [InlineData("Sun, 01 Mar 2026 12:00:30 GMT", 30)]
    [InlineData("Sun, 01 Mar 2026 12:00:00 GMT", null)]
    [InlineData("Sun, 01 Mar 2026 11:00:00 GMT", null)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public async Task CreateAsync_RetryAfter_IsReadAsSecondsOrDate(string? header, int? expected)
    {
        using var client = new TestClient();
        client.Handler.Always(() => header is null
            ? ScriptedHandler.Json("{}", HttpStatusCode.TooManyRequests)
            : ScriptedHandler.Json("{}", HttpStatusCode.TooManyRequests, ("Retry-After", header)));

        var refused = (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token)).ShouldBeOfType<PlatformOutcome<PlatformInstance>.Refused>();

        refused.RetryAfter.ShouldBe(expected is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        _ = client.Handler.Requests.ShouldHaveSingleItem();
    }

    public static TheoryData<string, byte[]> Nonsense() => new()
    {
        { "empty", [] },
        { "blank", " \r\n"u8.ToArray() },
        { "html", "<!DOCTYPE html><html><body>Welcome</body></html>"u8.ToArray() },
        { "truncated", """{"id":12345,"token":"ABC"""u8.ToArray() },
        { "two values", """{"id":1,"token":"t"}{"id":2}"""u8.ToArray() },
        { "null", "null"u8.ToArray() },
        { "number", "12345"u8.ToArray() },
        { "string", "\"ok\""u8.ToArray() },
        { "array", """[{"id":1,"token":"t"}]"""u8.ToArray() },
        { "no id", """{"token":"t"}"""u8.ToArray() },
        { "id null", """{"id":null,"token":"t"}"""u8.ToArray() },
        { "id text", """{"id":"abc","token":"t"}"""u8.ToArray() },
        { "id object", """{"id":{"value":1},"token":"t"}"""u8.ToArray() },
        { "id fraction", """{"id":1.5,"token":"t"}"""u8.ToArray() },
        { "id too large", """{"id":99999999999999999999,"token":"t"}"""u8.ToArray() },
        { "id negative", """{"id":-1,"token":"t"}"""u8.ToArray() },
        { "deep", Encoding.UTF8.GetBytes("""{"id":1,"token":"t","x":""" + new string('[', 5000)) },
        { "zeros", new byte[1000] },
        { "UTF-16", Encoding.Unicode.GetBytes("""{"id":1,"token":"t"}""") },
        { "Latin-1 token", Encoding.Latin1.GetBytes("""{"id":1,"token":"tökén"}""") },
        { "Latin-1 configuration", Encoding.Latin1.GetBytes("""{"id":1,"token":"t","configuration":{"a":"ö"}}""") },
        { "Latin-1 configuration key", Encoding.Latin1.GetBytes("""{"id":1,"token":"t","configuration":{"ö":"a"}}""") },
        { "Latin-1 element", Encoding.Latin1.GetBytes("""{"id":1,"token":"t","element":{"key":"ö"}}""") },
        { "half a surrogate", """{"id":1,"token":"t","configuration":{"a":"\ud800"}}"""u8.ToArray() },
        { "half a surrogate in the name", """{"id":1,"token":"t","name":"\udfff"}"""u8.ToArray() },
        { "half a surrogate in a tag", """{"id":1,"token":"t","tags":["\ud800"]}"""u8.ToArray() },
        { "not decompressed", [0x1f, 0x8b, 0x08, 0x00, 0x01, 0x02] },
        { "10 MB", Encoding.UTF8.GetBytes($$"""{"id":1,"token":"t","name":"{{new string('x', 10 * 1024 * 1024)}}"}""") },
    };

    [Theory]
    [MemberData(nameof(Nonsense), DisableDiscoveryEnumeration = true)]
    public async Task CreateAsync_NonsenseWithStatus200_IsUnreadableAndNotRepeated(string what, byte[] body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Raw(body, "application/json"));

        var outcome = await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token);

        outcome.ShouldBeOfType<PlatformOutcome<PlatformInstance>.Unknown>(what).Reason.ShouldBe(UnclearReason.Unreadable, what);
        _ = client.Handler.Requests.ShouldHaveSingleItem();
    }

    [Theory]
    [MemberData(nameof(Nonsense), DisableDiscoveryEnumeration = true)]
    public async Task AnyCall_NonsenseWithAnyStatus_NeverThrows(string what, byte[] body)
    {
        using var client = new TestClient();
        foreach (var status in new[] { 200, 201, 204, 302, 400, 404, 429, 500, 503 })
        {
            client.Handler.Always(() => ScriptedHandler.Raw(body, null, (HttpStatusCode)status));
            foreach (var call in PlatformClientRequestTests.Calls().Select(row => row.Data.Item1))
                (await PlatformClientRequestTests.CallAsync(client, call)).ShouldNotBeNull($"{what}, {status}, {call}");
        }
    }

    [Theory]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"id":1,"token":null}""")]
    [InlineData("""{"id":1,"token":""}""")]
    public async Task CreateAsync_AnswerWithoutAToken_IsNoClearAnswer(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(), Token))
            .ShouldBeOfType<PlatformOutcome<PlatformInstance>.Unknown>().Reason.ShouldBe(UnclearReason.Unreadable);
    }

    [Theory]
    [InlineData("""{"element":"infusionsoftcrm"}""")]
    [InlineData("""{"oauthUrl":null}""")]
    [InlineData("""{"oauthUrl":""}""")]
    [InlineData("[]")]
    public async Task GetOAuthUrlAsync_AnswerWithoutAnAddress_IsUnreadable(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        (await client.Platform.GetOAuthUrlAsync(client.Account, TestClient.UrlRequest(), Token))
            .ShouldBeOfType<PlatformOutcome<string>.Unknown>().Reason.ShouldBe(UnclearReason.Unreadable);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("enable")]
    [InlineData("disable")]
    public async Task DoneCalls_EmptyBody_IsSuccess(string call)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Raw([], null));

        (await PlatformClientRequestTests.CallAsync(client, call)).ShouldBe("Success");
    }
}
