using System.Text.Json;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.Requests;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;

namespace AdminPortal.Components.Tests.Features.Requests;

public sealed class RequestPanelTests : PortalTest
{
    private const string Docs = """
        { "basePath": "/elements/api-v2", "paths": {
          "/contacts": {
            "get": { "summary": "Search for contacts", "parameters": [
              { "name": "where", "in": "query", "type": "string", "description": "Which to return" },
              { "name": "pageSize", "in": "query", "type": "integer", "default": 200, "description": "How many" },
              { "name": "sort", "in": "query", "type": "string", "enum": ["name", "date"] },
              { "name": "deep", "in": "query", "type": "boolean" } ] },
            "post": { "summary": "Create a contact", "parameters": [ { "name": "body", "in": "body", "required": true, "schema": { "type": "object", "properties": { "email": { "type": "string" } } } } ] } },
          "/contacts/{id}": { "get": { "summary": "One contact", "parameters": [ { "name": "id", "in": "path", "type": "integer", "required": true } ] } },
          "/objects": { "get": {} } } }
        """;

    [Fact]
    public async Task RequestPanel_Read_IsFilledInSentAndShown()
    {
        Platform.OnDocs = Described;
        Platform.OnSend = _ => Answer(200, """[{"id":7}]""");
        var page = await RenderPageAsync();

        page.Enter("Request", "GET /contacts");
        page.Enter("where", "email='a'");
        page.Enter("sort", "date");
        page.Enter("deep", "true");
        page.Press("Send request");

        Platform.Sent.ShouldHaveSingleItem().PathAndQuery.ShouldBe("/contacts?where=email%3D%27a%27&sort=date&deep=true");
        page.Words().ShouldContain("200 OK");
        page.Words().ShouldContain("\"id\": 7");
        page.Words().ShouldContain("send-1");
        page.Role("status").ShouldContain("Answered 200 OK in 1,234 ms.");
        WaitForFocus("#answer-title");
        page.Markup.ShouldNotContain(ElementToken);
        page.Markup.ShouldNotContain("user-secret-value");
        page.Words().ShouldContain("Element YOUR_ELEMENT_TOKEN");
    }

    [Fact]
    public async Task RequestPanel_Fields_SayWhatTheyTake()
    {
        Platform.OnDocs = Described;
        var page = await RenderPageAsync();

        page.Enter("Request", "GET /contacts/{id}");
        page.Field("id").GetAttribute("aria-required").ShouldBe("true");
        page.Field("id").GetAttribute("inputmode").ShouldBe("numeric");
        page.Enter("Request", "GET /contacts");
        page.Description("where").ShouldBe("Which to return");
        page.Description("pageSize").ShouldBe("How many. Left empty, the platform takes 200.");
        page.Field("sort").QuerySelectorAll("option").Select(option => option.Words()).ShouldBe(["Leave out", "name", "date"]);
        page.Enter("Request", "GET /objects");
        page.Words().ShouldContain("This request takes no values.");
    }

    [Fact]
    public async Task RequestPanel_ValueMissing_SaysSoAtTheFieldAndSendsNothing()
    {
        Platform.OnDocs = Described;
        var page = await RenderPageAsync();

        page.Enter("Request", "GET /contacts/{id}");
        page.Press("Send request");

        page.Description("id").ShouldContain("Enter a value for id.");
        page.Field("id").GetAttribute("aria-invalid").ShouldBe("true");
        Calls("portal.focusInvalid").ShouldBe(1);
        Platform.Sent.ShouldBeEmpty();
        page.Enter("id", "7");
        page.Description("id").ShouldBeEmpty();
    }

    [Fact]
    public async Task RequestPanel_Writes_AreOfferedBehindTheSwitchAlone()
    {
        Platform.OnDocs = Described;
        var page = await RenderPageAsync();

        Options(page).ShouldBe(["", "GET /contacts", "GET /contacts/{id}", "GET /objects"]);
        page.Words().ShouldContain("1 more change data.");

        page.Tick("Allow requests that change data");
        page.Role("status").ShouldContain(text => text.Contains("sent to the real account at once", StringComparison.Ordinal));
        Options(page).ShouldContain("POST /contacts");
        page.Enter("Request", "POST /contacts");
        page.Field("Body (JSON)").GetAttribute("value").ShouldNotBeNull().ShouldContain("\"email\"");
        page.Enter("Body (JSON)", "{");
        page.Press("Send request");
        page.Description("Body (JSON)").ShouldContain("This is not JSON");
        page.Enter("Body (JSON)", """{"email":"a@example.com"}""");
        page.Press("Send request");
        Platform.Sent.ShouldHaveSingleItem().Body.ShouldBe("""{"email":"a@example.com"}""");

        page.Tick("Allow requests that change data", false);
        Options(page).ShouldNotContain("POST /contacts");
        page.HasField("Body (JSON)").ShouldBeFalse();
    }

    [Fact]
    public async Task RequestPanel_Search_NarrowsTheList()
    {
        Platform.OnDocs = Described;
        var page = await RenderPageAsync();

        page.Field("Find a request").Input("one contact");

        Options(page).ShouldBe(["", "GET /contacts/{id}"]);
        page.Words().ShouldContain("1 of 3 requests.");
    }

    [Fact]
    public async Task RequestPanel_NoDocs_SaysWhyAndStillReads()
    {
        Platform.OnDocs = () => FakePlatform.Refuse<JsonElement>(404, "No docs found");
        var page = await RenderPageAsync();

        page.Words().ShouldContain("The description of this instance could not be read");
        page.Words().ShouldContain("“No docs found”");
        page.Enter("Path", "/../x");
        page.Press("Send request");
        page.Description("Path").ShouldContain("This is no path of the instance's API.");
        page.Enter("Path", "/contacts?pageSize=5");
        page.Press("Send request");
        Platform.Sent.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            sent => sent.Method.ShouldBe("GET"), sent => sent.PathAndQuery.ShouldBe("/contacts?pageSize=5"));

        Platform.OnDocs = Described;
        page.Press("Try again");
        page.WaitForAssertion(() => Options(page).ShouldContain("GET /contacts"));
    }

    [Theory]
    [InlineData(403, InstanceState.Disabled, "This instance is switched off", "To the overview of this instance", "")]
    [InlineData(403, InstanceState.Active, "The request is not allowed", "To the overview of this instance", "")]
    [InlineData(401, InstanceState.NeedsAttention, "The credentials were refused", "Re-authenticate", "/re-authenticate")]
    public async Task RequestPanel_Refused_LeadsToWhatToDo(int status, InstanceState state, string title, string link, string address)
    {
        Platform.OnDocs = Described;
        Platform.OnSend = _ => Answer(status, """{"message":"No"}""");
        var page = await RenderPageAsync(state);

        page.Enter("Path", "/contacts");
        page.Press("Send request");

        page.Words().ShouldContain(title);
        page.Target(link).ShouldBe($"/instances/{page.Instance.Instance.Id}{address}");
    }

    [Fact]
    public async Task RequestPanel_NotReached_SaysSo()
    {
        Platform.OnDocs = Described;
        Platform.OnSend = _ => new PlatformOutcome<InstanceResponse>.Unreachable(UnsentReason.NotConnected);
        var page = await RenderPageAsync();

        page.Enter("Path", "/contacts");
        page.Press("Send request");

        page.Role("alert").ShouldHaveSingleItem().ShouldContain("There is no answer");
        page.FindAll("#answer-title").ShouldBeEmpty();
    }

    [Fact]
    public async Task RequestPanel_Curl_IsShownAndCopiedWithoutSending()
    {
        Platform.OnDocs = Described;
        _ = JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        var page = await RenderPageAsync();

        page.Enter("Path", "/contacts");
        page.Press("Show as curl");
        page.Words().ShouldContain("curl 'https://staging.cloud-elements.com/elements/api-v2/contacts'");
        page.Press("Copy");

        page.WaitForAssertion(() => page.Role("status").ShouldContain(text => text.StartsWith("Copied.", StringComparison.Ordinal)));
        Platform.Sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task RequestsPage_Instance_StandsInItsFrame()
    {
        Platform.OnDocs = Described;
        var id = await AddInstanceAsync("Alpha");

        var page = Render<RequestsPage>(requests => requests.Add(p => p.Id, id));

        page.WaitForAssertion(() => page.HasField("Path").ShouldBeTrue());
        page.Heading().ShouldBe("Alpha");
        page.Link("Requests").GetAttribute("aria-current").ShouldBe("page");
    }

    private static PlatformOutcome<JsonElement> Described() => new PlatformOutcome<JsonElement>.Success(JsonElement.Parse(Docs), null);

    private static PlatformOutcome<InstanceResponse> Answer(int status, string body) =>
        new PlatformOutcome<InstanceResponse>.Success(new InstanceResponse(status, [], body, false, TimeSpan.FromMilliseconds(1234), "send-1"), "send-1");

    private static List<string?> Options(IRenderedComponent<RequestPanel> page) =>
        [.. page.Field("Request").QuerySelectorAll("option").Select(option => option.GetAttribute("value"))];

    private async Task<IRenderedComponent<RequestPanel>> RenderPageAsync(InstanceState state = InstanceState.Active)
    {
        var id = await AddInstanceAsync("Alpha", state);
        var instance = (await Get<InstanceService>().FindAsync(id, Token)).ShouldNotBeNull();
        var page = Render<RequestPanel>(panel => panel.Add(p => p.Instance, instance));
        page.WaitForAssertion(() => page.HasField("Path").ShouldBeTrue());
        return page;
    }
}
