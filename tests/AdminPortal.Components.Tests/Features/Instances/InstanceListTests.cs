using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Features.Instances;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Instances;

namespace AdminPortal.Components.Tests.Features.Instances;

public sealed class InstanceListTests : PortalTest
{
    [Fact]
    public void InstanceList_NothingYet_ExplainsAndOffersTheWizard()
    {
        var list = RenderList();

        list.Words().ShouldContain("No account is connected yet");
        list.Target("Connect an account").ShouldBe("/connect");
        list.FindAll("table").ShouldBeEmpty();
        list.FindAll("form").ShouldBeEmpty();
    }

    [Fact]
    public async Task InstanceList_Rows_ShowWhatThereIsToKnow()
    {
        var id = await AddInstanceAsync("Alpha", InstanceState.Disabled, ElementKey.Crm, ["north"]);
        await AddInstanceAsync("Beta", server: null);

        var list = RenderList();

        Names(list).ShouldBe(["Beta", "Alpha"]);
        list.Target("Alpha").ShouldBe($"/instances/{id}");
        var row = list.FindAll("tbody tr")[1].Words();
        row.ShouldContain("north");
        row.ShouldContain("Infusionsoft CRM");
        row.ShouldContain(Server);
        row.ShouldContain("Disabled");
        row.ShouldContain("Staging");
        row.ShouldContain("1 hour ago");
        list.FindAll("tbody tr")[0].Words().ShouldContain("Not known");
        list.Markup.ShouldNotContain(ElementToken);
    }

    [Theory]
    [InlineData(1, 0, "1 instance")]
    [InlineData(3, 0, "3 instances")]
    [InlineData(3, 1, "3 instances, 1 needs attention")]
    [InlineData(4, 2, "4 instances, 2 need attention")]
    public async Task InstanceList_CountLine_CountsAndSaysHowManyNeedAPerson(int total, int attention, string expected)
    {
        for (var number = 0; number < total; number++)
            await AddInstanceAsync($"Instance {number}", number < attention ? InstanceState.NeedsAttention : InstanceState.Active);

        var list = RenderList();
        list.WaitForAssertion(() => list.Find("#instance-count").Words().ShouldBe(attention == 0 ? expected : expected + " Show them"));
        if (attention > 0) list.Target("Show them").ShouldBe("/instances?attention=1");
    }

    [Fact]
    public async Task InstanceList_SortLinks_KeepTheOtherParametersAndBeginAtTheFirstPage()
    {
        await AddInstanceAsync();
        await AddInstanceAsync("Alpha 2");
        var edge = new InstanceEdge(Clock.GetUtcNow().AddYears(1).UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture), 0).Write();

        var list = RenderList($"/instances?search=alpha&element={ElementKey.Rest}&size=50&after={edge}&stray=1");

        list.Target("Name").ShouldBe($"/instances?search=alpha&element={ElementKey.Rest}&sort=name&size=50");
        list.Target("Created").ShouldBe($"/instances?search=alpha&element={ElementKey.Rest}&dir=asc&size=50");
    }

    [Theory]
    [InlineData("/instances", "none", "descending")]
    [InlineData("/instances?dir=asc", "none", "ascending")]
    [InlineData("/instances?sort=name", "ascending", "none")]
    [InlineData("/instances?sort=name&dir=desc", "descending", "none")]
    public async Task InstanceList_Order_IsToldByTheHeaders(string address, string name, string created)
    {
        await AddInstanceAsync();

        var headers = RenderList(address).FindAll("th[aria-sort]");

        headers.Select(header => header.GetAttribute("aria-sort")).ShouldBe([name, "none", "none", "none", "none", "none", created]);
    }

    [Theory]
    [InlineData("/instances", "Beta,alpha,Gamma")]
    [InlineData("/instances?dir=asc", "Gamma,alpha,Beta")]
    [InlineData("/instances?sort=name", "alpha,Beta,Gamma")]
    [InlineData("/instances?sort=name&dir=desc", "Gamma,Beta,alpha")]
    public async Task InstanceList_Sorted_RowsAreInThatOrder(string address, string names)
    {
        await AddInstanceAsync("Gamma");
        await AddInstanceAsync("alpha");
        await AddInstanceAsync("Beta");

        Names(RenderList(address)).ShouldBe(names.Split(','));
    }

    [Fact]
    public async Task InstanceList_Filters_NarrowTheListByTheAddress()
    {
        await AddInstanceAsync("Alpha", InstanceState.Disabled);
        await AddInstanceAsync("Beta", elementKey: ElementKey.Crm);
        var list = RenderList();

        list.Enter("State", nameof(InstanceState.Disabled));
        Address.ShouldBe("/instances?state=Disabled");
        list.WaitForAssertion(() => Names(list).ShouldBe(["Alpha"]));
        list.Field("State").GetAttribute("value").ShouldBe("Disabled");

        list.Enter("Element", ElementKey.Crm);
        Address.ShouldBe($"/instances?element={ElementKey.Crm}&state=Disabled");
        list.WaitForAssertion(() => list.Words().ShouldContain("No instance matches"));

        list.Enter("State", "");
        list.WaitForAssertion(() => Names(list).ShouldBe(["Beta"]));
        Address.ShouldBe($"/instances?element={ElementKey.Crm}");
    }

    [Fact]
    public async Task InstanceList_NoneMatch_OffersToClearTheFilters()
    {
        await AddInstanceAsync();

        var list = RenderList("/instances?search=zzz&sort=name");

        list.Words().ShouldContain("No instance matches");
        list.Find("#instance-count").Words().ShouldBe("0 instances");
        list.Links("Clear filters").ShouldNotBeEmpty();
        list.Links("Clear filters").ShouldAllBe(link => link.GetAttribute("href") == "/instances?sort=name");
        list.FindAll("table").ShouldBeEmpty();
    }

    [Fact]
    public async Task InstanceList_Search_WaitsForAPauseInTheTyping()
    {
        await AddInstanceAsync("Alpha");
        await AddInstanceAsync("Beta");
        var list = RenderList();

        list.Field("Search").Input("al");
        Clock.Advance(TimeSpan.FromMilliseconds(200));
        Address.ShouldBe("/instances");
        list.Field("Search").Input("alp");
        Clock.Advance(TimeSpan.FromMilliseconds(200));
        Address.ShouldBe("/instances");
        Clock.Advance(TimeSpan.FromMilliseconds(200));

        list.WaitForAssertion(() => Names(list).ShouldBe(["Alpha"]));
        Address.ShouldBe("/instances?search=alp");
    }

    [Fact]
    public async Task InstanceList_SearchSubmitted_DoesNotWait()
    {
        await AddInstanceAsync("Alpha");
        await AddInstanceAsync("Beta");
        var list = RenderList();

        list.Field("Search").Input("bet");
        list.Find("form[role=search]").Submit();

        list.WaitForAssertion(() => Names(list).ShouldBe(["Beta"]));
        Address.ShouldBe("/instances?search=bet");
    }

    [Fact]
    public async Task InstanceList_SeveralPages_LinksLeadThereAndBack()
    {
        for (var number = 0; number < 27; number++) await AddInstanceAsync($"Instance {number:00}");
        var list = RenderList("/instances?sort=name");
        Names(list).Count.ShouldBe(25);
        Link(list, "Previous").GetAttribute("aria-disabled").ShouldBe("true");
        Link(list, "Previous").HasAttribute("href").ShouldBeFalse();

        GoTo(Link(list, "Next").GetAttribute("href")!);
        list.WaitForAssertion(() => Names(list).ShouldBe(["Instance 25", "Instance 26"]));
        Address.ShouldStartWith("/instances?sort=name&after=");
        Link(list, "Next").GetAttribute("aria-disabled").ShouldBe("true");
        WaitForFocus("#instance-count");

        GoTo(Link(list, "Previous").GetAttribute("href")!);
        list.WaitForAssertion(() => Names(list)[0].ShouldBe("Instance 00"));
        Names(list).Count.ShouldBe(25);

        GoTo(Link(list, "Last").GetAttribute("href")!);
        list.WaitForAssertion(() => Names(list)[^1].ShouldBe("Instance 26"));
        Address.ShouldBe("/instances?sort=name&page=last");
        GoTo(Link(list, "First").GetAttribute("href")!);
        list.WaitForAssertion(() => Names(list)[0].ShouldBe("Instance 00"));
    }

    [Fact]
    public async Task InstanceList_PageSize_GoesToTheFirstPageOfThatSize()
    {
        for (var number = 0; number < 27; number++) await AddInstanceAsync($"Instance {number:00}");
        var list = RenderList();

        list.Enter("Rows per page", "50");

        Address.ShouldBe("/instances?size=50");
        list.WaitForAssertion(() => Names(list).Count.ShouldBe(27));
    }

    [Fact]
    public async Task InstanceList_SortSelect_DoesWhatTheHeadersDo()
    {
        await AddInstanceAsync();
        var list = RenderList("/instances?search=al");

        list.Enter("Sort by", "name-desc");

        Address.ShouldBe("/instances?search=al&sort=name&dir=desc");
    }

    [Theory]
    [InlineData("/instances?state=Nonsense&element=nope&sort=7&dir=up&size=3&after=x&before=y")]
    [InlineData("/instances?state=0&sort=0")]
    [InlineData("/instances?utm_source=mail")]
    public async Task InstanceList_UnknownParameters_CountAsNotGiven(string address)
    {
        await AddInstanceAsync("Alpha");

        var list = RenderList(address);

        Names(list).ShouldBe(["Alpha"]);
        list.Links("Clear filters").ShouldBeEmpty();
        list.Field("Rows per page").GetAttribute("value").ShouldBe("25");
    }

    [Fact]
    public async Task InstanceList_EdgeDeletedMeanwhile_ShowsTheFirstPage()
    {
        await AddInstanceAsync("Alpha");

        // A place behind everything, and one before everything.
        Names(RenderList($"/instances?after={new InstanceEdge("0", 0).Write()}")).ShouldBe(["Alpha"]);
        Names(RenderList($"/instances?before={new InstanceEdge(long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture), long.MaxValue).Write()}")).ShouldBe(["Alpha"]);
    }

    [Fact]
    public async Task InstanceList_ComesFromADeletion_SaysSo()
    {
        await AddInstanceAsync();

        RenderList("/instances?deleted=1").Role("status").ShouldContain("The instance has been deleted, on the platform and here.");
    }

    [Fact]
    public async Task InstanceList_MoreFilters_StandInTheAddress()
    {
        await AddInstanceAsync("Alpha", InstanceState.NeedsAttention, tags: ["north"]);
        await AddInstanceAsync("Beta");
        var account = (await Get<AccountService>().ListAsync(Token)).Single();
        var list = RenderList();

        list.Enter("Tag", "north");
        list.WaitForAssertion(() => Names(list).ShouldBe(["Alpha"]));
        Address.ShouldBe("/instances?tag=north");

        list.Enter("Platform account", account.Id.ToString());
        Address.ShouldBe($"/instances?account={account.Id}&tag=north");

        list.Field("Needs attention").Change(true);
        list.Field("Has the legacy key").Change(true);
        Address.ShouldBe($"/instances?account={account.Id}&tag=north&attention=1&legacy=1");
        list.WaitForAssertion(() => list.Words().ShouldContain("No instance matches"));
        list.Links("Clear filters").ShouldAllBe(link => link.GetAttribute("href") == "/instances?view=all");
    }

    [Fact]
    public async Task InstanceList_Selection_GoesOverPagesUntilTheFiltersChange()
    {
        for (var number = 0; number < 27; number++) await AddInstanceAsync($"Instance {number:00}");
        var list = RenderList("/instances?sort=name");
        list.WaitForAssertion(() => list.Find("#instance-count").Words().ShouldBe("27 instances"));

        list.Field("Select Instance 03").Change(true);
        list.Find(".selection").Words().ShouldContain("1 selected");
        GoTo(Link(list, "Next").GetAttribute("href")!);
        list.WaitForAssertion(() => Names(list).Count.ShouldBe(2));
        list.Field("Select every instance on this page").Change(true);
        list.Find(".selection").Words().ShouldContain("3 selected");

        list.Button("Select all 27 that match").Click();
        list.Find(".selection").Words().ShouldContain("27 selected");
        GoTo(Link(list, "First").GetAttribute("href")!);
        list.WaitForAssertion(() => Names(list).Count.ShouldBe(25));
        list.Field("Select Instance 00").HasAttribute("checked").ShouldBeTrue();

        // Without one of them it is no longer everything: the rest of the page stays chosen.
        list.Field("Select Instance 00").Change(false);
        list.Find(".selection").Words().ShouldContain("24 selected");

        list.Enter("Rows per page", "50");
        list.WaitForAssertion(() => Names(list).Count.ShouldBe(27));
        list.Find(".selection").Words().ShouldContain("24 selected");
        list.Enter("State", nameof(InstanceState.Active));
        list.WaitForAssertion(() => list.FindAll(".selection").ShouldBeEmpty());
    }

    [Fact]
    public async Task InstanceList_DefaultView_IsWhatAnEmptyAddressShows()
    {
        await AddInstanceAsync("Alpha", InstanceState.Disabled);
        await AddInstanceAsync("Beta");
        var views = Get<SavedViewService>();
        (await views.SaveAsync(Ada, "Switched off", "?state=Disabled", isDefault: true, Token)).Succeeded.ShouldBeTrue();
        (await views.SaveAsync(Guid.NewGuid(), "Somebody else's", "?state=Active", isDefault: true, Token)).Succeeded.ShouldBeTrue();

        var list = RenderList();

        list.WaitForAssertion(() => Names(list).ShouldBe(["Alpha"]));
        Address.ShouldBe("/instances?state=Disabled");
        list.Field("View").QuerySelectorAll("option").Select(option => option.Words()).ShouldBe(["None", "Switched off (opens first)"]);

        GoTo("/instances?view=all");
        list.WaitForAssertion(() => Names(list).ShouldBe(["Beta", "Alpha"]));
    }

    private static List<string> Names(IRenderedComponent<InstanceList> list) => [.. list.FindAll("tbody th a").Select(link => link.Words())];

    private static AngleSharp.Dom.IElement Link(IRenderedComponent<InstanceList> list, string name) => list.FindAll("nav a").Single(link => link.Words() == name);

    private IRenderedComponent<InstanceList> RenderList(string address = "/instances")
    {
        GoTo(address);
        return Render<InstanceList>();
    }
}
