using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AdminPortal.Provisioning.Tests.Support.Reauthentications;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class CloneServiceTests
{
    [Fact]
    public async Task StartAsync_LegacyInstance_CopiesAllButTheKey()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var instance = await portal.ReadInstanceAsync(instanceId);
        portal.Platform.OnGet = id => Tell(id, Configuration());

        var draft = await portal.ReadAttemptAsync((await portal.Get<CloneService>().StartAsync(instanceId, Ada, Token)).Value);

        draft.State.ShouldBe(AttemptState.Draft);
        draft.TargetInstanceId.ShouldBeNull();
        draft.ElementKey.ShouldBe(ElementKey.Crm);
        draft.PlatformAccountId.ShouldBe(instance.PlatformAccountId);
        draft.ProviderAppId.ShouldBe(instance.ProviderAppId);
        draft.Name.ShouldBe("API instance (copy)");
        draft.Tags.ShouldBe(["docs"]);
        draft.Configuration.ShouldBe(new Dictionary<string, string> { [ElementCatalog.ServerKey] = TestPortal.Server });
        draft.SealedConfiguration.ShouldBeEmpty();
        draft.Step.ShouldBe(WizardStep.Account);
        draft.CreatedBy.ShouldBe(Ada.PersonId);
        (await portal.ListActivityAsync(ActivityAction.Cloned)).ShouldHaveSingleItem().InstanceId.ShouldBe(instanceId);
    }

    [Fact]
    public async Task StartAsync_RestInstanceWithEvents_ReadsThemFromThePlatform()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync(ElementKey.Rest);
        portal.Platform.OnGet = id => Tell(id, Events("""{"contacts":{"url":"/hubs/crm/contacts?own=1","idField":"id"},"invoices":{"url":"/x"}}"""), ElementKey.Rest);

        var draft = await portal.ReadAttemptAsync((await portal.Get<CloneService>().StartAsync(instanceId, Ada, Token)).Value);

        var events = draft.Events.ShouldNotBeNull();
        events.Enabled.ShouldBeTrue();
        events.CallbackUrl.ShouldBe("https://hooks.example.com/keap");
        events.Minutes.ShouldBe(20);
        events.Resources.ShouldBe(["contacts"]);
        events.PollerConfiguration.ShouldContain("own=1");
        draft.Configuration.ShouldBeEmpty();
        draft.Step.ShouldBe(WizardStep.Options);
    }

    [Fact]
    public async Task StartAsync_PollerConfigurationIsTheDefault_IsNotKeptAsOwnText()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync(ElementKey.Rest);
        var own = ElementCatalog.Infusionsoft.Find(ElementKey.Rest)!.Events!.PollerConfiguration(["orders", "tasks"]).ToJsonString();
        portal.Platform.OnGet = id => Tell(id, Events(own), ElementKey.Rest);

        var events = (await portal.ReadAttemptAsync((await portal.Get<CloneService>().StartAsync(instanceId, Ada, Token)).Value)).Events!;

        events.Resources.ShouldBe(["orders", "tasks"]);
        events.PollerConfiguration.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"a\":{},\"a\":{}}")]
    [InlineData("")]
    [InlineData(null)]
    public async Task StartAsync_PollerConfigurationCannotBeRead_LeavesTheResourcesToBeChosen(string? poller)
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync(ElementKey.Rest);
        portal.Platform.OnGet = id => Tell(id, Events(poller), ElementKey.Rest);

        var events = (await portal.ReadAttemptAsync((await portal.Get<CloneService>().StartAsync(instanceId, Ada, Token)).Value)).Events.ShouldNotBeNull();

        events.Resources.ShouldBeEmpty();
        events.PollerConfiguration.ShouldBeEmpty();
    }

    [Fact]
    public async Task StartAsync_EventsOff_HasNone()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync(ElementKey.Rest);
        portal.Platform.OnGet = id => Tell(id, Configuration(), ElementKey.Rest);

        (await portal.ReadAttemptAsync((await portal.Get<CloneService>().StartAsync(instanceId, Ada, Token)).Value)).Events.ShouldBeNull();
    }

    [Fact]
    public async Task StartAsync_PlatformNotReached_CopiesWhatThePortalKnows()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        portal.Platform.OnGet = _ => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected);

        var draft = await portal.ReadAttemptAsync((await portal.Get<CloneService>().StartAsync(instanceId, Ada, Token)).Value);

        draft.Name.ShouldBe("API instance (copy)");
        draft.Configuration[ElementCatalog.ServerKey].ShouldBe(TestPortal.Server);
    }

    [Fact]
    public async Task StartAsync_LongNameAndTagsThatBreakTheRules_AreBounded()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        await portal.ChangeInstanceAsync(instanceId, row =>
        {
            row.Name = new string('x', 247) + "😀😀😀😀";
            row.Tags = [.. Enumerable.Range(0, 30).Select(i => $"tag-{i}"), new string('y', 65), "portal:1"];
        });

        var draft = await portal.ReadAttemptAsync((await portal.Get<CloneService>().StartAsync(instanceId, Ada, Token)).Value);

        // 255 less seven for " (copy)" leave no room for half of a character.
        draft.Name.ShouldBe(new string('x', 247) + " (copy)");
        draft.Tags.Count.ShouldBe(InputRules.MaxTags);
        draft.Tags.ShouldAllBe(tag => tag.StartsWith("tag-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartAsync_UnknownInstanceOrElement_IsAProblem()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        (await portal.Get<CloneService>().StartAsync(Guid.NewGuid(), Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        await using (var db = portal.OpenDatabase())
            _ = await db.Instances.ExecuteUpdateAsync(row => row.SetProperty(instance => instance.ElementKey, "sugarcrm"), Token);

        (await portal.Get<CloneService>().StartAsync(instanceId, Ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("sugarcrm");
        (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("sugarcrm");
    }

    internal static Dictionary<string, string?> Events(string? poller) => new()
    {
        ["event.notification.enabled"] = "true",
        ["event.notification.callback.url"] = "https://hooks.example.com/keap",
        ["event.notification.signature.key"] = "********",
        ["event.poller.refresh_interval"] = "20",
        ["event.poller.configuration"] = poller,
    };
}
