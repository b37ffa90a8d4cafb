using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Settings;
using AdminPortal.Features.Overview;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Features.Overview;

public sealed class HomeTests : PortalTest
{
    [Fact]
    public void Home_Nothing_BeginsWithThePlatformAccount()
    {
        var page = Render<Home>();

        page.Heading().ShouldBe("Getting started");
        Steps(page).ShouldBe(["Platform account: Next", "Provider app: Later", "First instance: Later"]);
        page.Target("Add a platform account").ShouldBe("/accounts/new?returnTo=%2F");
        page.Links("Connect an account").ShouldBeEmpty();
    }

    [Fact]
    public async Task Home_Offer_IsTakenWithOneClick()
    {
        Services.Configure<PortalOptions>(options => options.OfferedAccounts.Add(new OfferedAccount
        {
            Name = "Built-in sandbox",
            BaseUrl = "https://sandbox.example.com",
            OrganizationSecret = "org",
            UserSecret = "user",
        }));
        await ConfirmAdaAsync();
        var page = Render<Home>();
        page.Links("Add a platform account of your own").Count.ShouldBe(1);

        page.Press("Use it: Built-in sandbox");

        page.Role("status").ShouldContain("The platform account Built-in sandbox is saved.");
        Steps(page).ShouldBe(["Platform account: Done", "Provider app: Next", "First instance: Later"]);
        page.Words().ShouldContain("The portal works with Built-in sandbox.");
        WaitForFocus("h1");
    }

    [Fact]
    public async Task Home_AccountOnly_GoesOnWithTheProviderAppOrTheWizard()
    {
        await AddAccountAsync();

        var page = Render<Home>();

        page.Target("Set up the provider app").ShouldBe("/provider-apps");
        page.Target("Skip this: the wizard asks for it too").ShouldBe("/connect");
        page.Find("[aria-current=step]").Words().ShouldContain("Provider app");
    }

    [Fact]
    public async Task Home_AccountAndApp_GoesOnWithTheFirstInstance()
    {
        await AddAccountAsync();
        await AddAppAsync();

        var page = Render<Home>();

        Steps(page).ShouldBe(["Platform account: Done", "Provider app: Done", "First instance: Next"]);
        page.Target("Connect an account").ShouldBe("/connect");
    }

    [Fact]
    public async Task Home_GettingStarted_ShowsAttemptsThatWereBegun()
    {
        var id = await AddDraftAsync(name: "Alpha draft");

        var page = Render<Home>();

        page.Target("Alpha draft").ShouldBe($"/connect/{id}");
        page.Words().ShouldContain("Alpha draft Draft");
    }

    [Fact]
    public async Task Home_Instances_AreCountedByState()
    {
        await AddInstanceAsync("A");
        await AddInstanceAsync("B");
        await AddInstanceAsync("C", InstanceState.Disabled);

        var page = Render<Home>();

        page.Heading().ShouldBe("Overview");
        page.Words().ShouldContain("3 instances are known to the portal.");
        page.FindAll("a.count").Select(count => (count.GetAttribute("href"), count.Words())).ShouldBe(
        [
            ("/instances?state=Active", "2 Active"), ("/instances?state=NeedsAttention", "0 Needs attention"),
            ("/instances?state=Disabled", "1 Disabled"), ("/instances?state=MissingOnPlatform", "0 Missing on platform"),
        ]);
        page.Words().ShouldContain("Nothing needs you right now.");
    }

    [Fact]
    public async Task Home_SomethingWrong_SaysWhatNeedsAPerson()
    {
        await AddInstanceAsync("A", InstanceState.NeedsAttention);
        await AddInstanceAsync("B", InstanceState.MissingOnPlatform);
        await AddInstanceAsync("C", InstanceState.MissingOnPlatform);
        var id = await AddAttemptAsync(AttemptState.Ambiguous, new AttemptEnding(EndingReason.NoClearAnswer));

        var page = Render<Home>();

        page.Target("1 instance needs attention").ShouldBe("/instances?state=NeedsAttention");
        page.Target("2 instances are missing on the platform").ShouldBe("/instances?state=MissingOnPlatform");
        page.Target("API instance: no clear answer from the platform").ShouldBe($"/connect/{id}");
        page.Words().ShouldNotContain("Nothing needs you right now.");
    }

    [Fact]
    public async Task Home_RecentAttempts_AreNewestFirstAndNamedByTheirElementWhereTheyHaveNoName()
    {
        await AddInstanceAsync();
        await AddDraftAsync(name: "Older");
        Clock.Advance(TimeSpan.FromMinutes(5));
        await BeginAsync();

        var page = Render<Home>();

        page.FindAll(".recent li a").Select(link => link.Words()).ShouldBe(["Infusionsoft CRM", "Older"]);
        page.FindAll(".recent li")[1].Words().ShouldContain("5 minutes ago");
    }

    private static List<string> Steps(IRenderedComponent<Home> page) =>
        [.. page.FindAll(".start-step").Select(step => $"{step.QuerySelector("h2")!.Words()}: {step.QuerySelector(".chip")!.Words()}")];
}
