using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Jobs;
using AdminPortal.Features.Activity;
using AdminPortal.Features.Instances;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Features.Activity;

public sealed class ActivityOverviewTests : PortalTest
{
    private static readonly Actor Person = new(Ada, "ada@example.com") { Role = Role.Administrator };

    [Fact]
    public void ActivityOverview_NothingYet_SaysWhatWillStandHere()
    {
        var page = RenderPage();

        page.Heading().ShouldBe("Activity");
        page.Words().ShouldContain("Nothing has been recorded yet.");
        page.FindAll("table").ShouldBeEmpty();
    }

    [Fact]
    public async Task ActivityOverview_Lines_SayWhatWhoAndWhen()
    {
        await ConfirmAdaAsync();
        var alpha = await AddInstanceAsync("Alpha");
        var beta = await AddInstanceAsync("Beta");
        _ = await Get<InstanceService>().SetEnabledAsync(alpha, false, Person, Token);
        Platform.OnSetEnabled = () => FakePlatform.Refuse<Done>(409, "Not now.");
        _ = await Get<InstanceService>().SetEnabledAsync(beta, false, Person, Token);
        _ = await Get<InstanceService>().DeleteAsync(alpha, "Alpha", Person with { SessionId = AdasSession }, Token);

        var rows = RenderPage().FindAll("tbody tr").Select(row => row.Words()).ToList();

        rows[0].ShouldContain("Instance deleted");
        rows[1].ShouldContain("Not done");
        rows[1].ShouldContain("“Not now”");
        rows[2].ShouldContain("Instance disabled");
        rows[2].ShouldContain("ada@example.com");
        rows[2].ShouldContain("just now");
        var page = RenderPage();
        // What is deleted has no page any more.
        page.Links("Alpha").ShouldBeEmpty();
        page.Target("Beta").ShouldBe($"/instances/{beta}");
    }

    [Fact]
    public async Task ActivityOverview_Filter_IsTheAddress()
    {
        var alpha = await AddInstanceAsync("Alpha");
        _ = await Get<InstanceService>().SetEnabledAsync(alpha, false, Person, Token);
        _ = await Get<InstanceService>().SetEnabledAsync(alpha, true, Person, Token);
        var page = RenderPage();

        page.Enter("Show", nameof(ActivityAction.InstanceEnabled));

        Address.ShouldBe("/activity?action=InstanceEnabled");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.Enter("Show", nameof(ActivityAction.Cloned));
        page.WaitForAssertion(() => page.Words().ShouldContain("Nothing of this kind has been recorded."));
    }

    [Theory]
    [InlineData("/activity?action=Nonsense&before=x&after=-3")]
    [InlineData("/activity?action=3")]
    public async Task ActivityOverview_UnknownParameters_CountAsNotGiven(string address)
    {
        var alpha = await AddInstanceAsync("Alpha");
        _ = await Get<InstanceService>().SetEnabledAsync(alpha, false, Person, Token);

        // The account that the instance belongs to has its line as well.
        RenderPage(address).FindAll("tbody tr").Count.ShouldBe(2);
    }

    [Fact]
    public async Task ActivityOverview_EachFilter_IsInTheAddressAndNarrows()
    {
        var alpha = await AddInstanceAsync("Alpha");
        _ = await Get<InstanceService>().SetEnabledAsync(alpha, false, Person with { From = "198.51.100.7" }, Token);
        var account = (await Get<AccountService>().ListAsync(Token)).Single().Id;
        var page = RenderPage();

        page.Find("#activity-person").Change(ActivityAddress.Nobody);
        Address.ShouldBe("/activity?person=none");
        page.WaitForAssertion(() => page.FindAll("tbody tr").ShouldHaveSingleItem().Words().ShouldContain("Platform account added"));
        page.Find("#activity-object").Change($"account:{account}");
        Address.ShouldBe($"/activity?person=none&account={account}");
        page.Find("#activity-person").Change("");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(2));
        page.Find("#activity-name").Change(" alpha ");
        page.WaitForAssertion(() => page.FindAll("tbody tr").ShouldHaveSingleItem().Words().ShouldContain("from 198.51.100.7"));
        page.Words().ShouldContain("State");
        page.Find("#activity-to").Change("2020-01-01");
        Address.ShouldBe($"/activity?account={account}&name=alpha&to=2020-01-01");
        page.WaitForAssertion(() => page.Words().ShouldContain("Nothing of this kind has been recorded."));
        page.Target("Download CSV").ShouldBe($"/activity/export?account={account}&name=alpha&to=2020-01-01");
        GoTo("/activity");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(2));
    }

    [Fact]
    public async Task RecentActivity_OfAnAccount_ShowsItsPartAndLeadsToAllOfIt()
    {
        var alpha = await AddInstanceAsync("Alpha");
        _ = await Get<InstanceService>().SetEnabledAsync(alpha, false, Person, Token);
        var account = (await Get<AccountService>().ListAsync(Token)).Single().Id;

        var part = Render<RecentActivity>(parameters => parameters.Add(p => p.Query, new ActivityQuery { PlatformAccountId = account }));

        part.FindAll("tbody tr").Count.ShouldBe(2);
        part.Target("Everything about it").ShouldBe($"/activity?account={account}");
        Render<RecentActivity>(parameters => parameters.Add(p => p.Query, new ActivityQuery { PlatformAccountId = Guid.NewGuid() })).Markup.Trim().ShouldBeEmpty();
    }

    [Fact]
    public async Task ActivityOverview_SeveralPages_LinksLeadThereAndBack()
    {
        var alpha = await AddInstanceAsync("Alpha");
        for (var i = 0; i < 53; i++) _ = await Get<InstanceService>().SetEnabledAsync(alpha, i % 2 == 0, Person, Token);
        var page = RenderPage();
        page.FindAll("tbody tr").Count.ShouldBe(50);

        GoTo(page.Target("Older")!);
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(4));
        WaitForFocus("#record");
        GoTo(page.Target("Newer")!);
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(50));
    }

    [Fact]
    public async Task ActivityOverview_JobUnderWay_StandsAboveUntilItHasEnded()
    {
        var page = RenderPage();
        var id = await StartAsync();
        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            page.FindAll("[role=progressbar]").Count.ShouldBe(1);
        });
        page.Words().ShouldContain("0 of 1");
        page.Links("Disable instances").ShouldHaveSingleItem().GetAttribute("href").ShouldBe($"/activity/{id}");
        page.WaitForAssertion(() => page.Words().ShouldContain("Bulk job started"));

        (await Get<BulkJobService>().CancelAsync(id, Person, Token)).Succeeded.ShouldBeTrue();
        page.WaitForAssertion(() =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            page.FindAll("[role=progressbar]").ShouldBeEmpty();
        });

        page.WaitForAssertion(() => page.FindAll("tbody tr")[0].Words().ShouldContain("Bulk job called off"));
        page.Links("Disable").ShouldAllBe(link => link.GetAttribute("href") == $"/activity/{id}");
    }

    [Fact]
    public async Task InstanceActivity_Page_ShowsWhatWasDoneToThisOne()
    {
        var alpha = await AddInstanceAsync("Alpha");
        var beta = await AddInstanceAsync("Beta");
        _ = await Get<InstanceService>().SetEnabledAsync(alpha, false, Person, Token);

        GoTo($"/instances/{alpha}/activity");
        var page = Render<InstanceActivity>(parameters => parameters.Add(p => p.Id, alpha));
        page.Heading().ShouldBe("Alpha");
        page.FindAll("tbody tr").ShouldHaveSingleItem().Words().ShouldContain("Instance disabled");

        GoTo($"/instances/{beta}/activity");
        Render<InstanceActivity>(parameters => parameters.Add(p => p.Id, beta)).Words().ShouldContain("Nothing has been recorded for this instance yet.");
    }

    [Theory]
    [InlineData(Role.Administrator, true)]
    [InlineData(Role.Operator, false)]
    [InlineData(Role.Viewer, false)]
    public async Task RecordNotice_RecordThatWasChanged_IsToldToAdministrators(Role role, bool isTold)
    {
        var alpha = await AddInstanceAsync("Alpha");
        RenderPage().FindAll("[role=alert]").ShouldBeEmpty();
        await using (var db = OpenDatabase())
            await db.Database.ExecuteSqlRawAsync("UPDATE ActivityHead SET RemovedId = 1", Token);
        _ = await Get<InstanceService>().SetEnabledAsync(alpha, false, Person, Token);

        SignInAs(role);
        var page = RenderPage();

        page.FindAll("[role=alert]").Count.ShouldBe(isTold ? 1 : 0);
        page.Words().Contains("The activity record needs attention", StringComparison.Ordinal).ShouldBe(isTold);
        page.Words().Contains("The record is being verified.", StringComparison.Ordinal).ShouldBe(isTold);
        // The row that states it is for everybody who may read the record.
        page.Words().ShouldContain("Activity record found changed");
    }

    private async Task<Guid> StartAsync() =>
        (await Get<BulkJobService>().StartAsync(InstanceSelection.Of([await AddInstanceAsync("Alpha")]), JobKind.Disable, [], Person, Token)).Value;

    private IRenderedComponent<ActivityOverview> RenderPage(string address = "/activity")
    {
        GoTo(address);
        return Render<ActivityOverview>();
    }
}
