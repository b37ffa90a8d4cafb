using System.Net;
using System.Text;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Platform;

/// <content>Reading of good answers.</content>
public sealed partial class PlatformClientAnswerTests
{
    [Fact]
    public async Task GetAsync_DocumentedAnswer_IsReadInFull()
    {
        var instance = await GetAsync(Documented);

        instance.Id.ShouldBe(12345);
        instance.Name.ShouldBe("API Instance");
        instance.Token.ShouldBe("ABC/Dx=");
        instance.ElementKey.ShouldBe("infusionsoftcrm");
        instance.Tags.ShouldBe(["docs"]);
        instance.IsValid.ShouldBe(true);
        instance.IsDisabled.ShouldBe(false);
        instance.CreatedAt.ShouldBe(new DateTimeOffset(2017, 8, 7, 18, 46, 38, TimeSpan.Zero));
        instance.Configuration["pagination.max"].ShouldBe("100");
        instance.Configuration["oauth.user.refresh_interval"].ShouldBe("28800");
        instance.Configuration["event.notification.enabled"].ShouldBe("false");
        instance.Configuration["document.tagging"].ShouldBe("false");
        instance.Configuration["event.notification.callback.url"].ShouldBeNull();
        instance.Configuration["event.poller.configuration"]!.ShouldBeJson("""{"orders":{"url":"/x"}}""");
        instance.Configuration["list"]!.ShouldBeJson("""[1,"2"]""");
        instance.Configuration["oauth.api.secret"].ShouldBe("********");
        instance.ToString().ShouldNotContain("ABC/Dx=");
    }

    [Theory]
    [InlineData("""{"id":"12345"}""")]
    [InlineData("""{"id":12345,"name":null,"token":null,"element":null,"tags":null,"valid":null,"disabled":null,"createdDate":null,"configuration":null}""")]
    [InlineData("""{"id":12345,"element":"infusionsoftcrm","configuration":"none","tags":"docs"}""")]
    [InlineData("""{"id":12345,"element":{},"configuration":[],"tags":{},"valid":"maybe","createdDate":"yesterday","unknown":{"a":[]}}""")]
    public async Task GetAsync_MissingOrOddFields_AreLeftOut(string body)
    {
        var instance = await GetAsync(body);

        instance.Id.ShouldBe(12345);
        instance.Name.ShouldBeNull();
        instance.Token.ShouldBeNull();
        instance.ElementKey.ShouldBeNull();
        instance.Tags.ShouldBeNull();
        instance.IsValid.ShouldBeNull();
        instance.CreatedAt.ShouldBeNull();
        instance.Configuration.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""["a","b"]""", new[] { "a", "b" })]
    [InlineData("""[{"id":1,"name":"a"},{"id":2,"name":"b"}]""", new[] { "a", "b" })]
    [InlineData("""["a",{"name":"b"},null,"",{"name":null}]""", new[] { "a", "b" })]
    [InlineData("[7,true]", new[] { "7", "true" })]
    [InlineData("[]", new string[0])]
    public async Task GetAsync_Tags_AreReadAsStringsOrObjects(string tags, string[] expected) =>
        (await GetAsync($$"""{"id":1,"tags":{{tags}}}""")).Tags.ShouldBe(expected);

    [Theory]
    [InlineData("\"true\"", true)]
    [InlineData("\"False\"", false)]
    [InlineData("true", true)]
    [InlineData("1", null)]
    public async Task GetAsync_Booleans_MayBeStrings(string json, bool? expected) =>
        (await GetAsync($$"""{"id":1,"valid":{{json}},"disabled":{{json}}}""")).ShouldSatisfyAllConditions(
            instance => instance.IsValid.ShouldBe(expected),
            instance => instance.IsDisabled.ShouldBe(expected));

    [Theory]
    [InlineData("1502131598000", "1502131598000")]
    [InlineData("\"x\"", "x")]
    [InlineData("true", "true")]
    public async Task GetAsync_Name_MayBeOfAnotherType(string json, string expected) =>
        (await GetAsync($$"""{"id":1,"name":{{json}}}""")).Name.ShouldBe(expected);

    [Fact]
    public async Task GetAsync_HostileText_IsCleanedAndBounded()
    {
        var instance = await GetAsync($$"""{"id":1,"name":"a\u202eb\r\n{{new string('x', 1000)}}","tags":["t\u0000\u200b"]}""");

        instance.Name!.Length.ShouldBe(255);
        instance.Name.ShouldStartWith("ab x");
        instance.Tags.ShouldBe(["t"]);
    }

    [Fact]
    public async Task ListAsync_Pages_ComeWithTheirCursor()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""[{"id":1},{"id":"2"}]""", HttpStatusCode.OK, ("Elements-Next-Page-Token", "cursor=="), ("Elements-Request-Id", "r-1")));

        var success = (await client.Platform.ListAsync(client.Account, null, null, Token)).ShouldBeOfType<PlatformOutcome<PlatformInstancePage>.Success>();

        success.Value.Instances.Select(instance => instance.Id).ShouldBe([1L, 2L]);
        success.Value.NextPage.ShouldBe("cursor==");
        success.RequestId.ShouldBe("r-1");
    }

    [Theory]
    [InlineData("No element instances found")]
    [InlineData("No instances found.")]
    public async Task ListAsync_DocumentedNotFound_IsAnEmptyPage(string message)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json($$"""{"requestId":"r-2","message":"{{message}}"}""", HttpStatusCode.NotFound));

        var success = (await client.Platform.ListAsync(client.Account, null, null, Token)).ShouldBeOfType<PlatformOutcome<PlatformInstancePage>.Success>();

        success.Value.Instances.ShouldBeEmpty();
        success.Value.NextPage.ShouldBeNull();
        success.RequestId.ShouldBe("r-2");
    }

    [Theory]
    [InlineData("""{"message":"Not Found"}""")]
    [InlineData("""{"message":"No"}""")]
    [InlineData("""{"message":"The page was not found"}""")]
    [InlineData("""{"message":"Nothing found"}""")]
    [InlineData("<html>404 Not Found</html>")]
    [InlineData("")]
    public async Task ListAsync_AnyOtherNotFound_IsARefusal(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Raw(Encoding.UTF8.GetBytes(body), "text/html", HttpStatusCode.NotFound));

        (await client.Platform.ListAsync(client.Account, null, null, Token)).ShouldBeOfType<PlatformOutcome<PlatformInstancePage>.Refused>().Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("""[{"id":1},{"name":"no id"}]""")]
    [InlineData("[null]")]
    [InlineData("""[{"id":1}""")]
    [InlineData("""[{"id":1},3]""")]
    [InlineData("""{"id":1}""")]
    [InlineData("null")]
    public async Task ListAsync_OneUnreadableRow_MakesThePageUnreadable(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        (await client.Platform.ListAsync(client.Account, null, null, Token))
            .ShouldBeOfType<PlatformOutcome<PlatformInstancePage>.Unknown>().Reason.ShouldBe(UnclearReason.Unreadable);
    }

    [Fact]
    public async Task GetElementConfigurationAsync_Entries_AreRead()
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json("""
            [ { "id": 1, "key": "infusionsoft.server", "name": "Server", "type": "TEXTFIELD_128", "required": true, "internal": false },
              { "key": "odd", "required": "true", "internal": "nonsense", "defaultValue": 5 }, { "key": "unsaid", "required": null, "defaultValue": "" }, { "name": "no key" }, { "key": "" } ]
            """));

        var entries = (await client.Platform.GetElementConfigurationAsync(client.Account, ElementKey.Crm, Token))
            .ShouldBeOfType<PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Success>().Value;

        entries.ShouldBe(
        [
            new("infusionsoft.server", "Server", "TEXTFIELD_128", true, false), new("odd", null, null, true, false) { HasDefault = true },
            new("unsaid", null, null, false, false) { SaysWhetherRequired = false },
        ]);
    }

    [Theory]
    [InlineData("""{ "id": 191, "key": "infusionsoftcrm", "active": true, "deleted": false }""", true, false)]
    [InlineData("""{ "active": "false", "deleted": "TRUE" }""", false, true)]
    [InlineData("""{ "active": 1, "name": [] }""", null, null)]
    [InlineData("{}", null, null)]
    public async Task GetElementAsync_Flags_AreReadAsFarAsTheyCanBe(string body, bool? active, bool? deleted)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        var element = (await client.Platform.GetElementAsync(client.Account, ElementKey.Crm, Token)).ShouldBeOfType<PlatformOutcome<PlatformElement>.Success>().Value;

        element.ShouldBe(new PlatformElement(active, deleted));
        client.Handler.Requests[^1].Url.ShouldEndWith("/elements/api-v2/elements/infusionsoftcrm");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public async Task GetElementAsync_NoElement_IsUnreadable(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));

        (await client.Platform.GetElementAsync(client.Account, ElementKey.Crm, Token))
            .ShouldBeOfType<PlatformOutcome<PlatformElement>.Unknown>().Reason.ShouldBe(UnclearReason.Unreadable);
    }

    private static async Task<PlatformInstance> GetAsync(string body)
    {
        using var client = new TestClient();
        client.Handler.Always(() => ScriptedHandler.Json(body));
        return (await client.Platform.GetAsync(client.Account, 1, Token)).ShouldBeOfType<PlatformOutcome<PlatformInstance>.Success>().Value;
    }
}
