using AdminPortal.Features.Lapses;
using AdminPortal.Provisioning.Lapses;
using Microsoft.EntityFrameworkCore;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Lapses;

public sealed class LapsesPageTests : PortalTest
{
    [Fact]
    public async Task LapsesPage_Month_IsATableWithItsCounts()
    {
        await AddAsync("Alpha", new DateTime(2026, 4, 15, 10, 0, 0));
        await AddAsync("Beta", new DateTime(2026, 4, 15, 11, 0, 0));
        await AddAsync("Gamma", new DateTime(2026, 4, 30, 23, 30, 0));
        await AddInstanceAsync("Unknown");

        var page = RenderPage("/lapses?month=2026-04");

        page.Find("caption").Words().ShouldBe("Estimated lapses in April 2026, by day");
        page.FindAll("thead th").Count.ShouldBe(7);
        page.FindAll("thead abbr")[0].GetAttribute("title").ShouldBe("Monday");
        page.Target("Wednesday 15 April 2026: 2 instances").ShouldBe("/lapses?month=2026-04&day=2026-04-15");
        page.Links("Thursday 30 April 2026: 1 instance").Count.ShouldBe(1);
        page.FindAll(".lapse-grid td a").Count.ShouldBe(2);
        page.FindAll(".lapse-grid td time").Count.ShouldBe(30);
        page.Target("Previous month").ShouldBe("/lapses?month=2026-03");
        page.Target("Next month").ShouldBe("/lapses?month=2026-05");
        page.Role("status")[0].ShouldBe("Known times: 3 of 4 instances. Of 1, the platform has not told when they were refreshed: they are not in the calendar.");
        page.Words().ShouldContain("The portal reckons with 45 days");
        page.FindAll("#overdue-title").ShouldBeEmpty();
    }

    [Fact]
    public async Task LapsesPage_Zone_DecidesTheDay()
    {
        await AddAsync("Gamma", new DateTime(2026, 4, 30, 23, 30, 0));

        var page = RenderPage("/lapses?month=2026-05", TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        page.Links("Friday 1 May 2026: 1 instance").Count.ShouldBe(1);
    }

    [Fact]
    public async Task LapsesPage_Day_ListsItsInstances()
    {
        var id = await AddAsync("Alpha", new DateTime(2026, 4, 15, 10, 0, 0));
        await AddAsync("Beta", new DateTime(2026, 4, 16, 10, 0, 0));

        var page = RenderPage("/lapses?month=2026-04&day=2026-04-15");

        page.Find("#lapse-day").Words().ShouldBe("Wednesday 15 April 2026");
        page.Target("Alpha").ShouldBe($"/instances/{id}");
        page.Links("Beta").ShouldBeEmpty();
        page.FindAll("td a[aria-current]").ShouldHaveSingleItem().Words().ShouldBe("1");
    }

    [Fact]
    public async Task LapsesPage_AnotherDay_TakesTheFocusThere()
    {
        await AddAsync("Alpha", new DateTime(2026, 4, 15, 10, 0, 0));
        var page = RenderPage("/lapses?month=2026-04");
        LastFocus.ShouldBeNull();

        GoTo("/lapses?month=2026-04&day=2026-04-15");
        WaitForFocus("#lapse-day");
        GoTo("/lapses?month=2026-06");
        WaitForFocus("#month-title");
        page.Words().ShouldContain("No known instance may lapse in this month.");
    }

    [Fact]
    public async Task LapsesPage_Overdue_StandsFirst()
    {
        await AddAsync("Late", new DateTime(2026, 2, 10, 10, 0, 0));
        await AddAsync("Later", new DateTime(2026, 3, 1, 11, 0, 0));

        var page = RenderPage("/lapses");

        page.Find("#overdue-title").Words().ShouldBe("Overdue: 2");
        page.FindAll(".lapse-rows a").Select(link => link.Words()).ShouldBe(["Late", "Later"]);
        page.FindAll("h2")[0].Id.ShouldBe("overdue-title");
        page.Find("td[aria-current=date]").Words().ShouldContain("Sunday 1 March 2026");
    }

    [Theory]
    [InlineData("/lapses")]
    [InlineData("/lapses?month=2026-13&day=x")]
    [InlineData("/lapses?month=0001-01")]
    [InlineData("/lapses?month=9999-12&day=9999-12-31")]
    public void LapsesPage_AddressNotUnderstood_ShowsThisMonth(string address) =>
        RenderPage(address).Find("#month-title").Words().ShouldBe("March 2026");

    [Fact]
    public async Task LapsesPage_MoreThanAreListed_SaysHowMany()
    {
        for (var i = 0; i < LapseService.MaxRows + 3; i++) await AddAsync($"Instance {i}", new DateTime(2026, 4, 15, 10, 0, 0));

        var page = RenderPage("/lapses?month=2026-04&day=2026-04-15");

        page.FindAll(".lapse-rows li").Count.ShouldBe(LapseService.MaxRows);
        page.Words().ShouldContain("There are 3 more.");
        page.Target("To the list of instances").ShouldBe("/instances");
    }

    [Fact]
    public async Task FeedCard_Made_IsShownOnce()
    {
        var card = Render<FeedCard>(feed => feed.AddCascadingValue(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")));
        card.Words().ShouldContain("You have no address.");
        card.Words().ShouldContain("they are your customers' data");

        card.Press("Make an address");

        var address = card.Field("Calendar address").GetAttribute("value").ShouldNotBeNull();
        address.ShouldStartWith("https://portal.example.com/lapses/");
        address.ShouldEndWith(".ics?zone=Europe%2FBerlin");
        card.Words().ShouldContain("It is shown this once");
        var again = Render<FeedCard>();
        again.HasField("Calendar address").ShouldBeFalse();
        again.Words().ShouldContain("Your address was made just now. No calendar program has asked for it yet.");
        await using var db = OpenDatabase();
        (await db.CalendarFeeds.SingleAsync(Token)).PersonId.ShouldBe(Ada);
    }

    [Fact]
    public async Task FeedCard_NewAddressAndEnd_AskFirst()
    {
        var dialogs = Render<RadzenDialog>();
        var card = Render<FeedCard>();
        card.Press("Make an address");
        var first = card.Field("Calendar address").GetAttribute("value");

        card.Press("Make a new address");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("The address that you have now ends at once."));
        dialogs.Press("Make a new address");
        card.WaitForAssertion(() => card.Field("Calendar address").GetAttribute("value").ShouldNotBe(first));

        card.Press("Switch off");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("get nothing any more"));
        dialogs.Press("Switch off");
        card.WaitForAssertion(() => card.Words().ShouldContain("The address is switched off."));
        card.HasField("Calendar address").ShouldBeFalse();
        card.Buttons("Make an address").Count.ShouldBe(1);
        await using var db = OpenDatabase();
        (await db.CalendarFeeds.AnyAsync(Token)).ShouldBeFalse();
    }

    private IRenderedComponent<LapsesPage> RenderPage(string address, TimeZoneInfo? zone = null)
    {
        GoTo(address);
        var page = Render<LapsesPage>(parameters =>
        {
            if (zone is not null) parameters.AddCascadingValue(zone);
        });
        page.WaitForAssertion(() => page.FindAll("#month-title").Count.ShouldBe(1));
        return page;
    }

    /// <summary>An instance that lapses, by the usual estimate, at this time of UTC.</summary>
    private async Task<Guid> AddAsync(string name, DateTime lapse)
    {
        var id = await AddInstanceAsync(name);
        await using var db = OpenDatabase();
        var refreshed = (DateTimeOffset?)new DateTimeOffset(lapse, TimeSpan.Zero).AddDays(-45);
        await db.Instances.Where(row => row.Id == id).ExecuteUpdateAsync(row => row.SetProperty(one => one.RefreshedAt, refreshed), Token);
        return id;
    }
}
