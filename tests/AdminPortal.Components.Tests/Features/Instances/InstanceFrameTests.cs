using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.Instances;
using AdminPortal.Platform;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Features.Instances;

public sealed class InstanceFrameTests : PortalTest
{
    [Fact]
    public async Task Frame_Tabs_LeadToEveryPageAndMarkTheOneThatIsShown()
    {
        var id = await AddInstanceAsync();
        var page = Render<ConfigurationPage>(p => p.Add(c => c.Id, id));

        page.FindAll("nav a").Select(link => (link.Words(), link.GetAttribute("href"))).ShouldBe(
        [
            ("Overview", $"/instances/{id}"), ("Configuration", $"/instances/{id}/configuration"), ("Events", $"/instances/{id}/events"),
            ("Activity", $"/instances/{id}/activity"), ("Requests", $"/instances/{id}/requests"),
        ]);
        page.FindAll("nav a[aria-current='page']").ShouldHaveSingleItem().Words().ShouldBe("Configuration");
    }

    [Theory]
    [InlineData(ElementKey.Rest, true)]
    [InlineData(ElementKey.Ecommerce, true)]
    [InlineData(ElementKey.Crm, false)]
    public async Task Frame_EventsTab_IsThereWhereTheElementHasEvents(string element, bool expected)
    {
        var page = await RenderOverviewAsync(await AddInstanceAsync(elementKey: element));

        page.Links("Events").Count.ShouldBe(expected ? 1 : 0);
    }

    [Theory]
    [InlineData(AttentionReason.NotValid, "This instance needs attention", "Re-authenticate")]
    [InlineData(AttentionReason.TokenRefused, "Infusionsoft refuses the token", "Re-authenticate")]
    [InlineData(AttentionReason.ElementTokenRefused, "The platform refuses the instance's token", "Re-authenticate")]
    [InlineData(AttentionReason.DisabledByPlatform, "The platform disabled this instance after five failed refreshes", "Re-authenticate")]
    [InlineData(AttentionReason.Refused, "The last check was refused", "Validate")]
    public async Task Frame_NeedsAttention_NamesTheReasonAndOneAction(AttentionReason reason, string title, string action)
    {
        var id = await AddAttentionAsync(reason, "Said the platform");

        var page = await RenderOverviewAsync(id);

        var banner = page.FindAll(".detail-notices .notice").ShouldHaveSingleItem();
        banner.Words().ShouldContain(title);
        banner.Words().ShouldContain("The answer was: Said the platform");
        banner.QuerySelectorAll("a.button-link, button").ShouldHaveSingleItem().Words().ShouldBe(action);
        // It is not offered twice.
        page.Links("Re-authenticate").Count.ShouldBe(1);
        page.Buttons("Validate").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Frame_DisabledByPlatform_CanBeEnabledBesideTheBanner()
    {
        var page = await RenderOverviewAsync(await AddAttentionAsync(AttentionReason.DisabledByPlatform, null));

        page.Buttons("Disable").ShouldBeEmpty();
        page.Press("Enable");

        Platform.Switched.ShouldBe([(501, true)]);
        page.Words().ShouldNotContain("five failed refreshes");
    }

    [Theory]
    [InlineData("alive", "It works")]
    [InlineData("refused", "It was refused")]
    [InlineData("disabled", "It is disabled")]
    [InlineData("missing", "It is not on the platform")]
    [InlineData("unreachable", "The platform was not reached")]
    [InlineData("unclear", "There was no clear answer")]
    public async Task Frame_Validate_SaysWhatItFoundAndAddsItToTheHistory(string answer, string expected)
    {
        var page = await RenderOverviewAsync(await AddInstanceAsync());
        page.Words().ShouldContain("Not checked yet.");
        Platform.OnGet = id => answer switch
        {
            "disabled" => new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(id) with { IsDisabled = true }, null),
            "missing" => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found"),
            "unreachable" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
            "unclear" => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut),
            _ => new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(id), null),
        };
        if (answer == "refused") Platform.OnPing = () => FakePlatform.Refuse<PlatformPong>(401, "No");

        page.Press("Validate");

        page.WaitForAssertion(() => page.Role("status").ShouldContain(status => status.Contains(expected)));
        page.WaitForAssertion(() => page.Words().ShouldContain("Last check: 1"));
        page.FindAll("tbody tr").ShouldHaveSingleItem().Words().ShouldContain(expected);
        page.FindAll("tbody tr").ShouldHaveSingleItem().Words().ShouldContain("A person");
    }

    [Fact]
    public async Task Frame_ValidateInstanceGone_SaysThatThereIsNone()
    {
        var id = await AddInstanceAsync();
        var page = await RenderOverviewAsync(id);
        await using (var db = OpenDatabase()) _ = await db.Instances.ExecuteDeleteAsync(Token);

        page.Press("Validate");

        page.WaitForAssertion(() => page.Heading().ShouldBe("There is no such instance"));
    }

    [Fact]
    public async Task CheckHistory_ManyOutcomes_SaysThemInWordsAndBars()
    {
        var id = await AddInstanceAsync();
        await using (var db = OpenDatabase())
        {
            var number = await db.Instances.Select(row => row.Number).SingleAsync(Token);
            for (var i = 0; i < InstanceCheck.Kept; i++)
            {
                db.InstanceChecks.Add(new InstanceCheck
                {
                    InstanceNumber = number,
                    At = Clock.GetUtcNow().AddMinutes(i - 30),
                    Outcome = i is 3 or 4 ? CheckOutcome.Refused : CheckOutcome.Alive,
                    Milliseconds = 1200,
                    Message = i == 3 ? "<b>bold</b>" : null,
                    RequestId = i == 3 ? "request-3" : null,
                    Scheduled = true,
                });
            }

            _ = await db.SaveChangesAsync(Token);
        }

        var page = await RenderOverviewAsync(id);

        page.WaitForAssertion(() => page.Find("svg.sparkline").GetAttribute("aria-label").ShouldBe("Last 30 checks: 28 alive, 2 refused"));
        page.FindAll("svg.sparkline rect").Count.ShouldBe(30);
        page.FindAll("svg.sparkline .tone-warning").Count.ShouldBe(2);
        page.FindAll("svg.sparkline title")[3].TextContent.ShouldEndWith("It was refused");
        page.FindAll("tbody tr").Count.ShouldBe(30);
        var row = page.FindAll("tbody tr")[26].Words();
        row.ShouldContain("<b>bold</b>");
        row.ShouldContain("Request ID request-3");
        row.ShouldContain("1,200 ms");
        row.ShouldContain("The portal");
        page.Markup.ShouldNotContain("style=");
    }

    [Theory]
    [InlineData("https://api.cloud-elements.com", "https://my.cloudelements.io")]
    [InlineData("https://staging.cloud-elements.com", "https://my-staging.cloudelements.io")]
    [InlineData("https://api.openconnectors.us2.ext.hana.ondemand.com", "https://my.openconnectors.us2.ext.hana.ondemand.com")]
    [InlineData("https://api.openconnectors.trial.eu10.ext.hana.ondemand.com", "https://my.openconnectors.trial.eu10.ext.hana.ondemand.com")]
    [InlineData("https://console.cloud-elements.com", null)]
    [InlineData("https://api.example.com:8443", null)]
    [InlineData("http://127.0.0.1:5081", null)]
    public async Task NextSteps_Console_IsLinkedWhereItIsKnown(string baseUrl, string? expected)
    {
        _ = await AddAccountAsync(baseUrl: "https://changed.example.com");
        await using (var db = OpenDatabase()) _ = await db.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.BaseUrl, baseUrl), Token);
        var id = await AddInstanceAsync();

        var page = await RenderOverviewAsync(id);

        page.Target("Requests, and the API documentation of this instance").ShouldBe($"/instances/{id}/requests");
        page.FindAll("a.external").Select(link => link.GetAttribute("href")).ShouldBe(expected is null ? [] : [expected]);
        page.Words().Contains($"Its address is not known for {baseUrl}", StringComparison.Ordinal).ShouldBe(expected is null);
    }

    [Fact]
    public async Task TraceCard_OnAndOff_SaysUntilWhen()
    {
        var page = await RenderOverviewAsync(await AddInstanceAsync());
        page.Field("Minutes").GetAttribute("value").ShouldBe("30");

        page.Enter("Minutes", "45");
        page.Press("Switch on");
        page.Role("status").ShouldContain("Trace logging is on for 45 minutes.");
        page.Words().ShouldContain("On until 1 Mar 2026 12:45");
        Platform.Traced.ShouldBe([(501, 45)]);

        page.Press("Switch off");
        page.Role("status").ShouldContain("Trace logging is off.");
        page.Buttons("Switch off").ShouldBeEmpty();
        Platform.Traced[^1].ShouldBe((501, null));
    }

    [Fact]
    public async Task TraceCard_WrongMinutes_SaysWhy()
    {
        var page = await RenderOverviewAsync(await AddInstanceAsync());

        page.Enter("Minutes", "1441");
        page.Press("Switch on");

        page.Role("alert").ShouldHaveSingleItem().ShouldContain("Enter 1 to 1440 minutes for the trace.");
        Platform.Traced.ShouldBeEmpty();
    }

    private async Task<Guid> AddAttentionAsync(AttentionReason reason, string? message)
    {
        var id = await AddInstanceAsync(state: InstanceState.NeedsAttention);
        await using var db = OpenDatabase();
        var instance = await db.Instances.SingleAsync(row => row.Id == id, Token);
        instance.Attention = reason;
        instance.AttentionMessage = message;
        _ = await db.SaveChangesAsync(Token);
        return id;
    }

    private Task<IRenderedComponent<InstanceOverview>> RenderOverviewAsync(Guid id) => Task.FromResult(Render<InstanceOverview>(page => page.Add(p => p.Id, id)));
}
