using AdminPortal.Domain.Elements;
using AdminPortal.Features.Instances;
using AdminPortal.Platform;

namespace AdminPortal.Components.Tests.Features.Instances;

public sealed class EventsPageTests : PortalTest
{
    private static string Contacts => ElementCatalog.Infusionsoft.Find(ElementKey.Rest)!.Events!.PollerConfiguration(["contacts"]).ToJsonString();

    [Fact]
    public async Task Events_On_ShowsWhatThePlatformHasAndNoKey()
    {
        var page = await RenderPageAsync(
            ("event.notification.enabled", "true"), ("event.notification.callback.url", "https://hooks.example.com/x"), ("event.poller.refresh_interval", "20"),
            ("event.poller.configuration", Contacts), (SignatureKey.Key, "clear-signature"));

        page.Field("Receive events").HasAttribute("checked").ShouldBeTrue();
        page.Field("Event callback URL").GetAttribute("value").ShouldBe("https://hooks.example.com/x");
        page.Field("Minutes between two polls").GetAttribute("value").ShouldBe("20");
        page.Field("contacts").HasAttribute("checked").ShouldBeTrue();
        page.Field("orders").HasAttribute("checked").ShouldBeFalse();
        page.Buttons("Replace Signature key").Count.ShouldBe(1);
        page.Markup.ShouldNotContain("clear-signature");
    }

    [Fact]
    public async Task Events_SwitchedOn_AreSentAtOnceAndTheKeyLeavesTheField()
    {
        var page = await RenderPageAsync(("event.notification.enabled", "false"));
        page.Tick("Receive events");
        page.Enter("Event callback URL", "https://hooks.example.com/x");
        page.Enter("Signature key", "sign-it");
        page.Tick("contacts");

        page.Press("Save");

        page.Role("status").ShouldBe(["Saved on the platform: events are on."]);
        var json = Platform.Configured.ShouldHaveSingleItem().Json;
        json.ShouldContain("\"event.notification.signature.key\":\"sign-it\"");
        json.ShouldContain("/hubs/crm/contacts");
        page.Buttons("Replace Signature key").Count.ShouldBe(1);
        page.Markup.ShouldNotContain("sign-it");

        // Saved again, the key that is stored stays.
        page.Press("Save");
        Platform.Configured[^1].Json.ShouldNotContain("signature");
    }

    [Fact]
    public async Task Events_SwitchedOff_SaysSo()
    {
        var page = await RenderPageAsync(("event.notification.enabled", "true"), ("event.notification.callback.url", "https://hooks.example.com/x"), ("event.poller.configuration", Contacts));

        page.Tick("Receive events", false);
        page.Press("Save");

        page.Role("status").ShouldHaveSingleItem().ShouldStartWith("Saved on the platform: events are off.");
        Platform.Configured.ShouldHaveSingleItem().Json.ShouldBe("""{"event.notification.enabled":false}""");
    }

    [Fact]
    public async Task Events_WrongJson_IsSaidBesideTheFieldAndNothingIsSent()
    {
        var page = await RenderPageAsync(("event.notification.enabled", "true"), ("event.notification.callback.url", "https://hooks.example.com/x"), ("event.poller.configuration", Contacts));
        page.Press("Edit it yourself");

        page.Enter("Poller configuration (JSON)", "{ broken");
        page.Press("Save");

        page.Description("Poller configuration (JSON)").ShouldContain("is not JSON");
        Calls("portal.focusInvalid").ShouldBe(1);
        Platform.Configured.ShouldBeEmpty();
    }

    [Fact]
    public async Task Events_MaskAsKey_IsSaidBesideTheField()
    {
        var page = await RenderPageAsync(("event.notification.enabled", "true"), ("event.notification.callback.url", "https://hooks.example.com/x"), ("event.poller.configuration", Contacts));

        page.Enter("Signature key", "********");
        page.Press("Save");

        page.Description("Signature key").ShouldContain("Stars are what the platform shows");
        Platform.Configured.ShouldBeEmpty();
    }

    [Fact]
    public async Task Events_PlatformRefuses_QuotesItAndLosesNothingTyped()
    {
        Platform.OnConfigure = _ => FakePlatform.Refuse<PlatformInstance>(400, "No such resource");
        var page = await RenderPageAsync(("event.notification.enabled", "true"), ("event.notification.callback.url", "https://hooks.example.com/x"), ("event.poller.configuration", Contacts));

        page.Enter("Event callback URL", "https://hooks.example.com/y");
        page.Press("Save");

        var alert = page.Role("alert").ShouldHaveSingleItem();
        alert.ShouldContain("The events were not saved");
        alert.ShouldContain("“No such resource”");
        page.Field("Event callback URL").GetAttribute("value").ShouldBe("https://hooks.example.com/y");
    }

    [Fact]
    public async Task Events_ElementHasNone_SaysSo()
    {
        var id = await AddInstanceAsync(elementKey: ElementKey.Crm);

        var page = Render<EventsPage>(p => p.Add(c => c.Id, id));

        page.Role("alert").ShouldHaveSingleItem().ShouldContain("This element has no events that could be polled.");
    }

    private async Task<IRenderedComponent<EventsPage>> RenderPageAsync(params (string Key, string? Value)[] configuration)
    {
        Platform.OnGet = id => new PlatformOutcome<PlatformInstance>.Success(
            FakePlatform.Instance(id) with { Configuration = configuration.ToDictionary(entry => entry.Key, entry => entry.Value) }, null);
        var id = await AddInstanceAsync(elementKey: ElementKey.Rest);
        return Render<EventsPage>(page => page.Add(p => p.Id, id));
    }
}
