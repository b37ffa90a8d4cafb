using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.LegacyKeys;
using AdminPortal.Platform;
using AdminPortal.Provisioning.LegacyKeys;
using Microsoft.EntityFrameworkCore;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.LegacyKeys;

public sealed class LegacyKeysTests : PortalTest
{
    [Fact]
    public void Radar_NothingThere_SaysSoAndStillWhyItMatters()
    {
        var page = Render<Radar>();

        page.Heading().ShouldBe("Legacy keys");
        page.Words().ShouldContain("No instance carries a legacy key");
        page.FindAll("time").Select(time => time.GetAttribute("datetime"))
            .ShouldBe(["2024-06-07", "2024-06-12", "2024-07-10", "2024-08-05", "2024-10-31"]);
        page.Words().ShouldContain("First quarter of 2025 Planned: Keap revokes all remaining keys.");
        page.Words().ShouldContain("Keap told its customers that legacy API keys end. Keap's e-mail to customers");
        page.Words().ShouldContain("no confirmation was found");
    }

    [Fact]
    public async Task Radar_Instances_ListsThoseWithAKeyAndHowFarTheyAre()
    {
        var old = await AddLegacyAsync("Old one");
        await AddLegacyAsync("Off already", InstanceState.Disabled);
        await AddInstanceAsync("Rest");

        var page = Render<Radar>();

        page.Find("#legacy-count").Words().ShouldBe("Instances with a legacy key: 2. Disabled already: 1.");
        page.FindAll("section[aria-labelledby=legacy-list] tbody th").Select(name => name.Words()).ShouldBe(["Old one", "Off already"]);
        page.Words().ShouldContain("Not begun");
        page.Target("Move to Infusionsoft REST: Old one").ShouldBe($"/legacy-keys/{old}");
        page.Words().ShouldNotContain("Next");
    }

    [Fact]
    public async Task Radar_ManyInstances_TurnsPagesByTheAddress()
    {
        for (var i = 0; i < LegacyKeyQuery.PageSize + 3; i++) await AddLegacyAsync($"Instance {i:D2}");
        var page = Render<Radar>();
        page.FindAll("section[aria-labelledby=legacy-list] tbody tr").Count.ShouldBe(LegacyKeyQuery.PageSize);
        page.Links("Previous").ShouldBeEmpty();

        GoTo(page.Target("Next")!);
        var second = Render<Radar>();

        second.FindAll("section[aria-labelledby=legacy-list] tbody tr").Count.ShouldBe(3);
        second.Links("Next").ShouldBeEmpty();
        second.Target("Previous")!.ShouldStartWith("/legacy-keys?before=");
        second.Find("#legacy-count").Words().ShouldStartWith("Instances with a legacy key: 53.");
    }

    [Fact]
    public async Task Radar_AccountChosen_IsInTheAddress()
    {
        await AddLegacyAsync("Old one");
        var page = Render<Radar>();
        await using var db = OpenDatabase();
        var account = await db.Accounts.Select(row => row.Id).SingleAsync(Token);

        page.Enter("Platform account", account.ToString());

        Address.ShouldBe($"/legacy-keys?account={account}");
        page.Find("#legacy-account").Words().ShouldBe("All accounts (1) Staging (1)");
    }

    [Fact]
    public void MovePage_UnknownInstance_SaysThatThereIsNone() =>
        Render<MovePage>(p => p.Add(m => m.Id, Guid.NewGuid())).Heading().ShouldBe("This instance is not there");

    [Fact]
    public async Task MovePage_WithoutAKey_HasNothingToMove()
    {
        var page = RenderMove(await AddInstanceAsync("Rest"));

        page.Words().ShouldContain("This instance does not carry a legacy key.");
        page.FindAll("button").ShouldBeEmpty();
    }

    [Fact]
    public async Task MovePage_NotBegun_SaysWhatGoesAlongAndBegins()
    {
        var old = await AddLegacyAsync("Old one");
        var page = RenderMove(old);
        page.Heading().ShouldBe("Move Old one");
        page.Words().ShouldContain("The name and the tags go along: docs, north.");
        page.Words().ShouldContain("Events: Infusionsoft CRM has none");
        page.Words().ShouldContain("The new instance has an ID and a token of its own.");
        page.Words().ShouldContain("This comes when the new instance is there.");
        page.Buttons("Check the new one and disable the old one").ShouldBeEmpty();

        page.Press("Move to Infusionsoft REST");

        var attempt = (await ListAttemptsAsync()).ShouldHaveSingleItem();
        Address.ShouldBe($"/connect/{attempt}");
        (await ReadAttemptAsync(attempt)).ReplacesInstanceId.ShouldBe(old);
        RenderMove(old).Target("Go on with the draft").ShouldBe($"/connect/{attempt}");
    }

    [Theory]
    [InlineData(AttemptState.AwaitingConsent, "Waiting for consent", "Look at the attempt", false)]
    [InlineData(AttemptState.Provisioning, "Being created", "Look at the attempt", false)]
    [InlineData(AttemptState.Denied, "Stopped", "Look at the attempt", true)]
    public async Task MovePage_UnderWay_LeadsToTheAttempt(AttemptState state, string chip, string link, bool canBeginAgain)
    {
        var old = await AddLegacyAsync("Old one");
        var attempt = await AddAttemptAsync(state, change: row => row.Property(a => a.ReplacesInstanceId).CurrentValue = old);

        var page = RenderMove(old);

        page.Words().ShouldContain(chip);
        page.Target(link).ShouldBe($"/connect/{attempt}");
        page.Buttons("Begin again").Count.ShouldBe(canBeginAgain ? 1 : 0);
    }

    [Fact]
    public async Task MovePage_Created_AsksThenChecksAndDisablesTheOldOne()
    {
        var (old, made) = await AddCreatedAsync();
        var dialogs = Render<RadzenDialog>();
        var page = RenderMove(old);
        page.Words().ShouldContain("Created, now check");
        page.Target("New one").ShouldBe($"/instances/{made}");

        page.Press("Check the new one and disable the old one");
        dialogs.Words().ShouldContain("Disable Old one?");
        dialogs.Words().ShouldContain("Whatever still uses it stops working.");
        Platform.Switched.ShouldBeEmpty();
        dialogs.Press("Check and disable");

        page.WaitForAssertion(() => page.Words().ShouldContain("The old instance is disabled, not deleted."));
        page.Words().ShouldContain("Last check of the new one: it answered");
        Platform.Switched.ShouldBe([(501, false)]);
        Platform.Deleted.ShouldBeEmpty();
        WaitForFocus("#step-2");
    }

    [Fact]
    public async Task MovePage_NewOneDoesNotAnswer_SaysSoAndDisablesNothing()
    {
        var (old, _) = await AddCreatedAsync();
        Platform.OnPing = () => FakePlatform.Refuse<PlatformPong>(401, "Invalid token");
        var dialogs = Render<RadzenDialog>();
        var page = RenderMove(old);

        page.Press("Check the new one and disable the old one");
        dialogs.Press("Check and disable");

        page.WaitForAssertion(() => page.Role("alert").ShouldHaveSingleItem().ShouldContain("the old one was left as it is"));
        Platform.Switched.ShouldBeEmpty();
    }

    [Fact]
    public async Task MovePage_Cancelled_DoesNothing()
    {
        var (old, _) = await AddCreatedAsync();
        var dialogs = Render<RadzenDialog>();
        var page = RenderMove(old);

        page.Press("Check the new one and disable the old one");
        dialogs.Press("Cancel");

        Platform.Pinged.ShouldBeEmpty();
        Platform.Switched.ShouldBeEmpty();
    }

    private async Task<Guid> AddLegacyAsync(string name, InstanceState state = InstanceState.Active)
    {
        var id = await AddInstanceAsync(name, state, ElementKey.Crm, ["docs", "north"]);
        await using var db = OpenDatabase();
        (await db.Instances.SingleAsync(row => row.Id == id, Token)).HasLegacyKey = true;
        await db.SaveChangesAsync(Token);
        return id;
    }

    private async Task<(Guid Old, Guid New)> AddCreatedAsync()
    {
        var old = await AddLegacyAsync("Old one");
        var made = await AddInstanceAsync("New one");
        var actor = new Actor(Ada, "ada@example.com") { Role = Role.Administrator };
        var attempt = (await Get<LegacyKeyService>().StartAsync(old, actor, Token)).Value;
        await SetAttemptAsync(attempt, AttemptState.Active, change: row => row.Property(a => a.InstanceId).CurrentValue = made);
        return (old, made);
    }

    private IRenderedComponent<MovePage> RenderMove(Guid id) => Render<MovePage>(p => p.Add(m => m.Id, id));
}
