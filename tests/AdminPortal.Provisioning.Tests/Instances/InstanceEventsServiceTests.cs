using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Tests.Support;
using static AdminPortal.Provisioning.Tests.Support.InstanceSeed;

namespace AdminPortal.Provisioning.Tests.Instances;

public sealed class InstanceEventsServiceTests
{
    private static readonly EventSettings Polling = new() { Enabled = true, CallbackUrl = "https://portal.example.com/events", Minutes = 20, Resources = ["contacts"] };

    private static string DefaultsOf(params string[] resources) => ElementCatalog.Infusionsoft.Find(ElementKey.Rest)!.Events!.PollerConfiguration(resources).ToJsonString();

    [Fact]
    public async Task ReadAsync_DefaultsOfSomeResources_AreTheirNamesAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        Tell(portal, ("event.notification.enabled", "true"), ("event.notification.callback.url", "https://portal.example.com/events"), ("event.poller.refresh_interval", "30"),
            ("event.poller.configuration", DefaultsOf("contacts", "orders")), (SignatureKey.Key, "clear-signature"));

        var events = (await Service(portal).ReadAsync(id, Token)).Value;

        events.Settings.Enabled.ShouldBeTrue();
        events.Settings.CallbackUrl.ShouldBe("https://portal.example.com/events");
        events.Settings.Minutes.ShouldBe(30);
        events.Settings.Resources.ShouldBe(["contacts", "orders"]);
        events.Settings.PollerConfiguration.ShouldBeEmpty();
        events.HasSignatureKey.ShouldBeTrue();
        events.ToString().ShouldNotContain("clear-signature");
    }

    [Fact]
    public async Task ReadAsync_OwnJson_IsKeptToBeEdited()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        Tell(portal, ("event.notification.enabled", "true"), ("event.poller.configuration", """{"contacts":{"url":"/hubs/crm/contacts","idField":"ID"}}"""));

        var settings = (await Service(portal).ReadAsync(id, Token)).Value.Settings;

        settings.Resources.ShouldBe(["contacts"]);
        settings.PollerConfiguration.ShouldBeJson("""{"contacts":{"url":"/hubs/crm/contacts","idField":"ID"}}""");
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("{broken", "{broken")]
    [InlineData("""{"a":{"url":"x"},"a":{"url":"y"}}""", """{"a":{"url":"x"},"a":{"url":"y"}}""")]
    public async Task ReadAsync_NoObject_IsShownAsItIs(string? json, string expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        Tell(portal, ("event.notification.enabled", "false"), ("event.poller.configuration", json), ("event.poller.refresh_interval", "often"));

        var settings = (await Service(portal).ReadAsync(id, Token)).Value.Settings;

        settings.Enabled.ShouldBeFalse();
        settings.PollerConfiguration.ShouldBe(expected);
        settings.Minutes.ShouldBe(15);
    }

    [Fact]
    public async Task ReadAsync_ElementWithoutEvents_SaysSoAndAsksNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync(elementKey: ElementKey.Crm);
        portal.Platform.OnGet = _ => throw new InvalidOperationException("Not to be asked.");

        (await Service(portal).ReadAsync(id, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
    }

    [Fact]
    public async Task SaveAsync_On_SendsAllEntriesAtOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();

        var saved = (await Service(portal).SaveAsync(id, null, Polling, " sign-it ", Ada, Token)).Value;

        var (platformId, json) = portal.Platform.Configured.ShouldHaveSingleItem();
        platformId.ShouldBe(PlatformId);
        json.ShouldBeJson($$"""
            { "event.notification.enabled": true, "event.vendor.type": "polling", "event.notification.callback.url": "https://portal.example.com/events",
              "event.poller.refresh_interval": "20", "event.poller.configuration": {{DefaultsOf("contacts")}}, "event.notification.signature.key": "sign-it" }
            """);
        saved.Settings.ShouldBe(Polling);
        saved.HasSignatureKey.ShouldBeTrue();
        var line = (await portal.ReadActivityAsync()).ShouldHaveSingleItem();
        line.Action.ShouldBe(ActivityAction.EventsChanged);
        line.Detail.ShouldBe("Events on");
    }

    [Fact]
    public async Task SaveAsync_OnWithoutANewKey_LeavesTheStoredOne()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();

        _ = await Service(portal).SaveAsync(id, Polling, Polling with { Minutes = 45, PollerConfiguration = """{"contacts":{"url":"/x"}}""" }, "", Ada, Token);

        var sent = portal.Platform.Configured.ShouldHaveSingleItem().Json;
        sent.ShouldNotContain("signature");
        sent.ShouldContain("""{"contacts":{"url":"/x"}}""");
        // With what stood there before, and without what stayed.
        FieldChanges.Read((await portal.ReadActivityAsync()).ShouldHaveSingleItem().Changes).Select(change => (change.Field, change.Before)).ShouldBe([("EventMinutes", "20"), ("PollerConfiguration", null)]);
    }

    [Fact]
    public async Task SaveAsync_Off_SendsThatAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();

        // What else stands in the form is not looked at.
        var saved = await Service(portal).SaveAsync(id, null, new EventSettings { Enabled = false, CallbackUrl = "nowhere" }, "typed", Ada, Token);

        saved.Succeeded.ShouldBeTrue();
        portal.Platform.Configured.ShouldHaveSingleItem().Json.ShouldBeJson("""{ "event.notification.enabled": false }""");
        (await portal.ReadActivityAsync()).ShouldHaveSingleItem().Detail.ShouldBe("Events off");
    }

    [Theory]
    [InlineData("callback", "CallbackUrl")]
    [InlineData("minutes", "Minutes")]
    [InlineData("resources", "Resources")]
    [InlineData("json", "PollerConfiguration")]
    [InlineData("mask", "SignatureKey")]
    [InlineData("control", "SignatureKey")]
    [InlineData("long", "SignatureKey")]
    public async Task SaveAsync_Wrong_NamesTheFieldAndSendsNothing(string what, string field)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var settings = what switch
        {
            "callback" => Polling with { CallbackUrl = "http://portal.example.com" },
            "minutes" => Polling with { Minutes = 0 },
            "resources" => Polling with { Resources = [] },
            "json" => Polling with { PollerConfiguration = "{" },
            _ => Polling,
        };
        var key = what switch { "mask" => "********", "control" => "a\u0001b", "long" => new string('k', 513), _ => "" };

        (await Service(portal).SaveAsync(id, null, settings, key, Ada, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(field);

        portal.Platform.Configured.ShouldBeEmpty();
    }

    [Fact]
    public async Task SaveAsync_PlatformRefuses_SaysWhyAndNotesIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        portal.Platform.OnConfigure = _ => FakePlatform.Refuse<PlatformInstance>(400, "No such resource");

        (await Service(portal).SaveAsync(id, null, Polling, "sign-it", Ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("“No such resource”");

        var line = (await portal.ReadActivityAsync()).ShouldHaveSingleItem();
        line.Succeeded.ShouldBeFalse();
        line.Detail.ShouldNotBeNull().ShouldNotContain("sign-it");
    }

    private static void Tell(TestPortal portal, params (string Key, string? Value)[] configuration) =>
        portal.Platform.OnGet = id => new PlatformOutcome<PlatformInstance>.Success(
            FakePlatform.Instance(id) with { Configuration = configuration.ToDictionary(entry => entry.Key, entry => entry.Value) }, null);

    private static InstanceEventsService Service(TestPortal portal) => portal.Get<InstanceEventsService>();
}
