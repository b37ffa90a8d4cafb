using System.Net;
using System.Text.Json.Nodes;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <summary>What the client sends.</summary>
public sealed class PlatformClientRequestTests
{
    private const string Base = "https://api.cloud-elements.com/elements/api-v2/";
    private const string Instance = """{"id":12345,"name":"API Instance","token":"ABC/Dx="}""";

    public static TheoryData<string, string, string> Calls() => new()
    {
        { "create", "POST", "instances" },
        { "get", "GET", "instances/12345" },
        { "list", "GET", "instances?pageSize=200&hydrate=true" },
        { "list with a tag", "GET", "instances?tags%5B%5D=portal%3A1&pageSize=200&hydrate=true" },
        { "list on", "GET", "instances?tags%5B%5D=portal%3A1&nextPage=a%2Bb%3D%26%2F&pageSize=200&hydrate=true" },
        { "update", "PATCH", "instances/12345" },
        { "enable", "PUT", "instances/12345/enabled" },
        { "disable", "DELETE", "instances/12345/enabled" },
        { "delete", "DELETE", "instances/12345" },
        { "configuration", "GET", "elements/infusionsoftcrm/configuration" },
        { "oauth url", "POST", "elements/infusionsoftcrm/oauth/url" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_Any_HasItsMethodAddressAndHeaders(string call, string method, string path)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(call switch
        {
            "list" or "list with a tag" or "list on" or "configuration" => "[]",
            "oauth url" => """{"oauthUrl":"https://x"}""",
            _ => Instance,
        }));

        (await CallAsync(client, call)).ShouldBe("Success");

        var request = client.Handler.Requests.ShouldHaveSingleItem();
        request.Method.Method.ShouldBe(method);
        request.Url.ShouldBe(Base + path);
        request.Headers["Authorization"].ShouldBe("User user+secret/=, Organization 0123abcd");
        request.Headers["Accept"].ShouldBe("application/json");
        request.Headers["User-Agent"].ShouldBe("AdminPortal");
        if (method is "POST" or "PATCH")
        {
            request.ContentType.ShouldBe("application/json");
            _ = request.ContentLength.ShouldNotBeNull();
        }
        else
        {
            request.Body.ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(ElementKey.Crm)]
    [InlineData(ElementKey.Marketing)]
    [InlineData(ElementKey.Erp)]
    public async Task CreateAsync_ElementWithLegacyKey_SendsServerAndKey(string element)
    {
        (await CreateBodyAsync(element)).ShouldBeJson($$"""
            { "element": { "key": "{{element}}" },
              "providerData": { "code": "evcfr8vfne4smad3nbnw652e" },
              "configuration": {
                "oauth.callback.url": "https://portal.example.com/oauth/callback",
                "oauth.api.key": "client+id", "oauth.api.secret": "client & secret",
                "infusionsoft.server": "dt123.infusionsoft.com",
                "infusionsoft.private.key": "47d-key" },
              "tags": ["docs", "portal:1"], "name": "API Instance" }
            """);
    }

    [Fact]
    public async Task CreateAsync_Rest_SendsNothingOfTheAccount()
    {
        (await CreateBodyAsync(ElementKey.Rest)).ShouldBeJson("""
            { "element": { "key": "infusionsoftrest" },
              "providerData": { "code": "evcfr8vfne4smad3nbnw652e" },
              "configuration": {
                "oauth.callback.url": "https://portal.example.com/oauth/callback",
                "oauth.api.key": "client+id", "oauth.api.secret": "client & secret" },
              "tags": ["docs", "portal:1"], "name": "API Instance" }
            """);
    }

    [Fact]
    public async Task CreateAsync_Ecommerce_SendsDocumentTaggingAsABoolean()
    {
        (await CreateBodyAsync(ElementKey.Ecommerce)).ShouldBeJson("""
            { "element": { "key": "infusionsoftecommerce" },
              "providerData": { "code": "evcfr8vfne4smad3nbnw652e" },
              "configuration": {
                "oauth.callback.url": "https://portal.example.com/oauth/callback",
                "oauth.api.key": "client+id", "oauth.api.secret": "client & secret",
                "document.tagging": false },
              "tags": ["docs", "portal:1"], "name": "API Instance" }
            """);
    }

    [Fact]
    public async Task CreateAsync_RestWithPolling_SendsTheDocumentedPollerConfiguration()
    {
        var events = new EventSettings { Enabled = true, CallbackUrl = "https://portal.example.com/events", Minutes = 15, Resources = ["appointments"] };

        (await CreateBodyAsync(ElementKey.Rest, events)).ShouldBeJson("""
            { "element": { "key": "infusionsoftrest" }, "providerData": { "code": "evcfr8vfne4smad3nbnw652e" },
              "configuration": {
                "oauth.callback.url": "https://portal.example.com/oauth/callback",
                "oauth.api.key": "client+id", "oauth.api.secret": "client & secret",
                "event.notification.enabled": true, "event.vendor.type": "polling",
                "event.notification.callback.url": "https://portal.example.com/events",
                "event.poller.refresh_interval": "15",
                "event.poller.configuration": { "appointments": { "url": "/hubs/crm/appointments", "idField": "id",
                  "datesConfiguration": { "updatedDateField": "modification_date", "updatedDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
                    "updatedDateTimezone": "GMT", "createdDateField": "creation_date",
                    "createdDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "createdDateTimezone": "GMT" } } } },
              "tags": ["docs", "portal:1"], "name": "API Instance" }
            """);
    }

    [Fact]
    public async Task CreateAsync_EcommerceWithPolling_SendsOrders()
    {
        var events = new EventSettings { Enabled = true, CallbackUrl = "https://portal.example.com/events", Minutes = 60, Resources = ["orders", "contacts"] };

        (await CreateBodyAsync(ElementKey.Ecommerce, events)).ShouldBeJson("""
            { "element": { "key": "infusionsoftecommerce" }, "providerData": { "code": "evcfr8vfne4smad3nbnw652e" },
              "configuration": {
                "oauth.callback.url": "https://portal.example.com/oauth/callback",
                "oauth.api.key": "client+id", "oauth.api.secret": "client & secret", "document.tagging": false,
                "event.notification.enabled": true, "event.vendor.type": "polling",
                "event.notification.callback.url": "https://portal.example.com/events",
                "event.poller.refresh_interval": "60",
                "event.poller.configuration": { "orders": {
                  "url": "/hubs/ecommerce/orders?where=since='${date:yyyy-MM-dd'T'HH:mm:ssXXX}'", "idField": "id",
                  "datesConfiguration": { "updatedDateField": "modification_date", "updatedDateFormat": "yyyy-MM-dd'T'HH:mm:ssXXX",
                    "createdDateField": "creation_date", "createdDateFormat": "yyyy-MM-dd'T'HH:mm:ssXXX" } } } },
              "tags": ["docs", "portal:1"], "name": "API Instance" }
            """);
    }

    [Fact]
    public async Task CreateAsync_OwnPollerConfiguration_IsSentAsAnObject()
    {
        var events = new EventSettings { Enabled = true, CallbackUrl = "https://portal.example.com/events", PollerConfiguration = """{"tasks":{"url":"/hubs/crm/tasks"}}""" };

        var body = JsonNode.Parse(await CreateBodyAsync(ElementKey.Rest, events))!;

        body["configuration"]!["event.poller.configuration"]!.ToJsonString().ShouldBeJson("""{"tasks":{"url":"/hubs/crm/tasks"}}""");
    }

    [Theory]
    [InlineData(ElementKey.Rest, false)]
    [InlineData(ElementKey.Crm, true)]
    public async Task CreateAsync_EventsOffOrUnsupported_SendsNoEventKeys(string element, bool enabled)
    {
        var body = await CreateBodyAsync(element, new EventSettings { Enabled = enabled, CallbackUrl = "https://portal.example.com/events", Resources = ["orders"] });

        body.ShouldNotContain("event.");
    }

    [Fact]
    public async Task CreateAsync_NameInAnotherScript_ArrivesAsItWasTyped()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(Instance));

        _ = await client.Platform.CreateAsync(client.Account, TestClient.NewInstance() with { Name = "Zoë \"日本\" 🙂 <b>" }, Token);

        JsonNode.Parse(client.Handler.Requests.Single().Body!)!["name"]!.GetValue<string>().ShouldBe("Zoë \"日本\" 🙂 <b>");
    }

    [Fact]
    public async Task UpdateAsync_PartsThatAreNull_AreLeftOut()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(Instance));

        _ = await client.Platform.UpdateAsync(client.Account, 1, new InstanceChange("New", null), Token);
        _ = await client.Platform.UpdateAsync(client.Account, 1, new InstanceChange(null, []), Token);
        _ = await client.Platform.UpdateAsync(client.Account, 1, new InstanceChange("New", ["a"]), Token);

        client.Handler.Requests[0].Body!.ShouldBeJson("""{"name":"New"}""");
        client.Handler.Requests[1].Body!.ShouldBeJson("""{"tags":[]}""");
        client.Handler.Requests[2].Body!.ShouldBeJson("""{"name":"New","tags":["a"]}""");
    }

    [Theory]
    [InlineData("dt123.infusionsoft.com", """{"apiKey":"client+id","apiSecret":"client & secret","callbackUrl":"https://portal.example.com/oauth/callback","state":"the-state","siteAddress":"dt123.infusionsoft.com"}""")]
    [InlineData(null, """{"apiKey":"client+id","apiSecret":"client & secret","callbackUrl":"https://portal.example.com/oauth/callback","state":"the-state"}""")]
    public async Task GetOAuthUrlAsync_PostForm_KeepsTheSecretOutOfTheAddress(string? server, string expected)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"oauthUrl":"https://signin.infusionsoft.com/app/oauth/authorize?a=b","element":"infusionsoftcrm"}"""));

        var outcome = await client.Platform.GetOAuthUrlAsync(client.Account, TestClient.UrlRequest(server), Token);

        outcome.ShouldBeOfType<PlatformOutcome<string>.Success>().Value.ShouldBe("https://signin.infusionsoft.com/app/oauth/authorize?a=b");
        client.Handler.Requests.Single().Body!.ShouldBeJson(expected);
        client.Handler.Requests.Single().Url.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData(405)]
    [InlineData(415)]
    public async Task GetOAuthUrlAsync_PlatformDoesNotKnowThePostForm_FallsBackToGet(int status)
    {
        using var client = new TestClient();
        client.Handler.InTurn(
            () => ScriptedHandler.Json("""{"message":"Method not allowed"}""", (HttpStatusCode)status),
            () => ScriptedHandler.Json("""{"oauthUrl":"https://x"}"""));

        var outcome = await client.Platform.GetOAuthUrlAsync(client.Account, TestClient.UrlRequest(), Token);

        _ = outcome.ShouldBeOfType<PlatformOutcome<string>.Success>();
        client.Handler.Requests.Select(request => request.Method.Method).ShouldBe(["POST", "GET"]);
        client.Handler.Requests[1].Url.ShouldBe(
            Base + "elements/infusionsoftcrm/oauth/url?apiKey=client%2Bid&apiSecret=client%20%26%20secret"
            + "&callbackUrl=https%3A%2F%2Fportal.example.com%2Foauth%2Fcallback&state=the-state&siteAddress=dt123.infusionsoft.com");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task GetOAuthUrlAsync_AnyOtherAnswer_IsAskedOnce(int status)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""{"message":"No element found"}""", (HttpStatusCode)status));

        var outcome = await client.Platform.GetOAuthUrlAsync(client.Account, TestClient.UrlRequest(), Token);

        outcome.ShouldNotBeOfType<PlatformOutcome<string>.Success>();
        client.Handler.Requests.ShouldHaveSingleItem().Method.ShouldBe(HttpMethod.Post);
    }

    internal static async Task<string> CallAsync(TestClient client, string call, CancellationToken? token = null)
    {
        var (platform, account, cancel) = (client.Platform, client.Account, token ?? Token);
        return call switch
        {
            "create" => Name(await platform.CreateAsync(account, TestClient.NewInstance(), cancel)),
            "get" => Name(await platform.GetAsync(account, 12345, cancel)),
            "list" => Name(await platform.ListAsync(account, null, null, cancel)),
            "list with a tag" => Name(await platform.ListAsync(account, "portal:1", null, cancel)),
            "list on" => Name(await platform.ListAsync(account, "portal:1", "a+b=&/", cancel)),
            "update" => Name(await platform.UpdateAsync(account, 12345, new InstanceChange("New", ["a"]), cancel)),
            "enable" => Name(await platform.SetEnabledAsync(account, 12345, true, cancel)),
            "disable" => Name(await platform.SetEnabledAsync(account, 12345, false, cancel)),
            "delete" => Name(await platform.DeleteAsync(account, 12345, cancel)),
            "configuration" => Name(await platform.GetElementConfigurationAsync(account, ElementKey.Crm, cancel)),
            "oauth url" => Name(await platform.GetOAuthUrlAsync(account, TestClient.UrlRequest(), cancel)),
            _ => throw new ArgumentOutOfRangeException(nameof(call), call, null),
        };

        static string Name<T>(PlatformOutcome<T> outcome) => outcome switch
        {
            PlatformOutcome<T>.Unknown unknown => $"Unknown {unknown.Reason}",
            PlatformOutcome<T>.Unreachable unreachable => $"Unreachable {unreachable.Reason}",
            PlatformOutcome<T>.Refused refused => $"Refused {refused.Status}",
            _ => "Success",
        };
    }

    private static async Task<string> CreateBodyAsync(string element, EventSettings? events = null)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(Instance));
        _ = (await client.Platform.CreateAsync(client.Account, TestClient.NewInstance(element, events), Token)).ShouldBeOfType<PlatformOutcome<PlatformInstance>.Success>();
        return client.Handler.Requests.ShouldHaveSingleItem().Body!;
    }
}
