using AdminPortal.Domain;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Instances;

public sealed class InstanceOverviewTests : PortalTest
{
    [Fact]
    public void InstanceOverview_UnknownId_SaysThatThereIsNone()
    {
        var page = RenderPage(Guid.NewGuid());

        page.Heading().ShouldBe("There is no such instance");
        page.Target("To the list of instances").ShouldBe("/instances");
    }

    [Fact]
    public async Task InstanceOverview_Instance_ShowsItsFactsButNotItsToken()
    {
        var attempt = Guid.NewGuid();
        var id = await AddInstanceAsync("Alpha", tags: ["north"], attempt: attempt);

        var page = RenderPage(id);

        page.Heading().ShouldBe("Alpha");
        page.Words().ShouldContain("Infusionsoft REST, on Staging");
        page.Field("Platform ID").GetAttribute("value").ShouldBe("501");
        page.Field("API base URL").GetAttribute("value").ShouldBe("https://staging.cloud-elements.com/elements/api-v2");
        page.Words().ShouldContain($"Account server {Server}");
        page.Field("Instance name").GetAttribute("value").ShouldBe("Alpha");
        page.Field("Tags").GetAttribute("value").ShouldBe("north");
        page.Target("The attempt that made it").ShouldBe($"/connect/{attempt}");
        page.Find("#token-value").Words().ShouldBe("••••••••");
        page.Markup.ShouldNotContain(ElementToken);
    }

    [Fact]
    public async Task InstanceOverview_Saved_SaysSoAndShowsWhatThePlatformMadeOfIt()
    {
        Platform.OnUpdate = (id, change) => new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(id, change.Name + " (platform)", change.Tags), null);
        var id = await AddInstanceAsync("Alpha");
        var page = RenderPage(id);

        page.Enter("Instance name", "Beta");
        page.Enter("Tags", "crm, south");
        page.Press("Save");

        page.Role("status").ShouldContain("Saved, on the platform and here.");
        page.Heading().ShouldBe("Beta (platform)");
        page.Field("Instance name").GetAttribute("value").ShouldBe("Beta (platform)");
        Platform.Updated.ShouldHaveSingleItem().Change.Tags.ShouldBe(["crm", "south"]);
        (await ReadAsync(id))!.Tags.ShouldBe(["crm", "south"]);
    }

    [Fact]
    public async Task InstanceOverview_PlatformRefuses_QuotesItAndLosesNothingTyped()
    {
        Platform.OnUpdate = (_, _) => FakePlatform.Refuse<PlatformInstance>(409, "The name is taken by instance 7");
        var id = await AddInstanceAsync("Alpha");
        var page = RenderPage(id);

        page.Enter("Instance name", "Beta");
        page.Enter("Tags", "crm");
        page.Press("Save");

        var alert = page.Role("alert").ShouldHaveSingleItem();
        alert.ShouldContain("Name and tags were not saved");
        alert.ShouldContain("status 409");
        alert.ShouldContain("“The name is taken by instance 7”");
        alert.ShouldContain("refused-1");
        page.Field("Instance name").GetAttribute("value").ShouldBe("Beta");
        page.Field("Tags").GetAttribute("value").ShouldBe("crm");
        page.Words().ShouldNotContain("Saved, on the platform and here.");
        (await ReadAsync(id))!.Name.ShouldBe("Alpha");
    }

    [Fact]
    public async Task InstanceOverview_PlatformDoesNotKnowIt_ShowsTheBannerAndLosesNothingTyped()
    {
        Platform.OnUpdate = (_, _) => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found");
        var page = RenderPage(await AddInstanceAsync("Alpha"));
        Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found");

        page.Enter("Instance name", "Beta");
        page.Press("Save");

        page.Words().ShouldContain("The platform does not know this instance");
        page.Words().ShouldContain("Missing on platform");
        page.Field("Instance name").GetAttribute("value").ShouldBe("Beta");
        page.Buttons("Delete").Count.ShouldBe(1);
        page.Buttons("Disable").ShouldBeEmpty();
    }

    [Fact]
    public async Task InstanceOverview_NameEmpty_AsksThePlatformNothing()
    {
        var page = RenderPage(await AddInstanceAsync("Alpha"));

        page.Enter("Instance name", " ");
        page.Press("Save");

        page.Description("Instance name").ShouldContain("Enter the instance name.");
        Calls("portal.focusInvalid").ShouldBe(1);
        Platform.Updated.ShouldBeEmpty();
    }

    [Fact]
    public async Task InstanceOverview_Disable_AsksFirstAndSaysWhatItDid()
    {
        var id = await AddInstanceAsync("Alpha");
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(id);

        page.Press("Disable");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("Nothing is deleted"));
        Platform.Switched.ShouldBeEmpty();
        dialogs.Press("Disable");

        page.WaitForAssertion(() => page.Role("status").ShouldContain("The instance is disabled. Calls with its token answer 403 until it is enabled again."));
        Platform.Switched.ShouldBe([(501, false)]);
        page.Words().ShouldContain("This instance is disabled");
        WaitForFocus("h1");
        (await ReadAsync(id))!.State.ShouldBe(InstanceState.Disabled);
    }

    [Fact]
    public async Task InstanceOverview_DisableCancelled_ChangesNothing()
    {
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(await AddInstanceAsync("Alpha"));

        page.Press("Disable");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("Nothing is deleted"));
        dialogs.Press("Cancel");

        Platform.Switched.ShouldBeEmpty();
        page.Words().ShouldNotContain("This instance is disabled");
    }

    [Fact]
    public async Task InstanceOverview_Enable_DoesSoAtOnce()
    {
        var id = await AddInstanceAsync("Alpha", InstanceState.Disabled);
        var page = RenderPage(id);
        page.Words().ShouldContain("This instance is disabled");
        page.Buttons("Disable").ShouldBeEmpty();

        page.Press("Enable");

        page.Role("status").ShouldContain("The instance is enabled. Calls with its token are answered again.");
        Platform.Switched.ShouldBe([(501, true)]);
        page.Words().ShouldNotContain("This instance is disabled");
    }

    [Fact]
    public async Task InstanceOverview_EnableRefused_SaysWhy()
    {
        Platform.OnSetEnabled = () => FakePlatform.Refuse<Done>(403, "Not allowed");
        var page = RenderPage(await AddInstanceAsync("Alpha", InstanceState.Disabled));

        page.Press("Enable");

        var alert = page.Role("alert").ShouldHaveSingleItem();
        alert.ShouldContain("The instance was not enabled");
        alert.ShouldContain("“Not allowed”");
        page.Words().ShouldContain("This instance is disabled");
    }

    [Fact]
    public async Task InstanceOverview_NeedsAttention_OffersToAuthorizeAgain()
    {
        var id = await AddInstanceAsync("Alpha", InstanceState.NeedsAttention);
        var page = RenderPage(id);

        page.Words().ShouldContain("This instance needs attention");
        page.Target("Re-authenticate").ShouldBe($"/instances/{id}/re-authenticate");
        page.Buttons("Disable").Count.ShouldBe(1);
    }

    [Fact]
    public async Task InstanceOverview_Delete_NeedsTheName()
    {
        await ConfirmAdaAsync();
        var id = await AddInstanceAsync("Alpha");
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(id);
        page.Press("Delete");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("To confirm, type the name of the instance: Alpha"));
        dialogs.Words().ShouldContain("It cannot be brought back");

        dialogs.Enter("Instance name", "alpha");
        dialogs.Press("Delete");
        dialogs.WaitForAssertion(() => dialogs.Description("Instance name").ShouldContain("Type the name of the instance exactly as it stands there."));
        WaitForFocus("#delete-name");
        Platform.Deleted.ShouldBeEmpty();

        dialogs.Enter("Instance name", "Alpha");
        dialogs.Press("Delete");

        page.WaitForAssertion(() => Address.ShouldBe("/instances?deleted=1"));
        Platform.Deleted.ShouldBe([501L]);
        (await ReadAsync(id)).ShouldBeNull();
    }

    [Fact]
    public async Task InstanceOverview_DeleteRefused_KeepsItAndSaysWhy()
    {
        await ConfirmAdaAsync();
        Platform.OnDelete = () => FakePlatform.Refuse<Done>(403, "Used by formula 12");
        var id = await AddInstanceAsync("Alpha");
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(id);
        page.Press("Delete");
        dialogs.WaitForAssertion(() => dialogs.HasField("Instance name").ShouldBeTrue());

        dialogs.Enter("Instance name", "Alpha");
        dialogs.Press("Delete");

        dialogs.WaitForAssertion(() => dialogs.Role("alert").ShouldHaveSingleItem().ShouldContain("The instance was not deleted"));
        dialogs.Words().ShouldContain("“Used by formula 12”");
        (await ReadAsync(id)).ShouldNotBeNull();
        Address.ShouldBe("/");
    }

    [Fact]
    public async Task InstanceOverview_MissingOnPlatform_DeletesOnlyWhatThePortalKeeps()
    {
        await ConfirmAdaAsync();
        Platform.OnDelete = () => FakePlatform.Refuse<Done>(404, "No element instance found");
        Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found");
        var id = await AddInstanceAsync("Alpha", InstanceState.MissingOnPlatform);
        var dialogs = Render<RadzenDialog>();
        var page = RenderPage(id);
        page.Press("Delete");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("What the portal keeps of it, its token included, is removed."));

        dialogs.Enter("Instance name", "Alpha");
        dialogs.Press("Delete");

        page.WaitForAssertion(() => Address.ShouldBe("/instances?deleted=1"));
        (await ReadAsync(id)).ShouldBeNull();
    }

    [Fact]
    public async Task InstanceOverview_OtherInstance_ShowsThatOne()
    {
        var first = await AddInstanceAsync("Alpha");
        var second = await AddInstanceAsync("Beta");
        var page = RenderPage(first);
        page.Enter("Instance name", "Typed");

        page.Render(p => p.Add(c => c.Id, second));

        page.Heading().ShouldBe("Beta");
        page.Field("Instance name").GetAttribute("value").ShouldBe("Beta");
    }

    private Task<InstanceView?> ReadAsync(Guid id) => Get<InstanceService>().FindAsync(id, Token);

    private IRenderedComponent<InstanceOverview> RenderPage(Guid id) => Render<InstanceOverview>(page => page.Add(p => p.Id, id));
}
