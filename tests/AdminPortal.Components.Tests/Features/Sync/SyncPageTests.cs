using AdminPortal.Domain.Access;
using AdminPortal.Domain.Sync;
using AdminPortal.Features.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Sync;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Sync;

public sealed class SyncPageTests : PortalTest
{
    private static readonly Actor AdaActor = new(Ada, "ada@example.com") { Role = Role.Administrator };

    [Fact]
    public void SyncPage_NoSuchAccount_SaysSo() =>
        Render<SyncPage>(parameters => parameters.Add(page => page.Id, Guid.NewGuid())).Words().ShouldContain("This platform account is not there any more.");

    [Fact]
    public async Task SyncPage_NoSyncYet_SaysWhatOneDoesAndStartsIt()
    {
        var account = await AddAccountAsync();
        var page = Open(account);
        page.Words().ShouldContain("No sync so far");
        page.Description("All elements, not only Infusionsoft's").ShouldContain("counted in any case");

        page.Field("All elements, not only Infusionsoft's").Change(true);
        page.Press("Start sync");

        page.WaitForAssertion(() => page.Words().ShouldContain("Reading the platform's instances"));
        page.Role("status").ShouldContain("Asking for the first page");
        WaitForFocus("#run-title");
        await using var db = OpenDatabase();
        var run = await db.SyncRuns.SingleAsync(Token);
        (run.AllElements, run.PersonId).ShouldBe((true, Ada));
    }

    [Fact]
    public async Task SyncPage_Running_ShowsNumbersAndCanBeCancelled()
    {
        var account = await AddAccountAsync();
        var run = await BeginAsync(account, change => change.SetProperty(row => row.Pages, 12).SetProperty(row => row.Seen, 2400).SetProperty(row => row.Counted, 100000));
        var page = Open(account);
        page.Role("status").ShouldContain("12 pages read, 2,400 of 100,000 instances");
        page.Find("progress").GetAttribute("value").ShouldBe("2400");

        page.Press("Cancel sync");

        page.WaitForAssertion(() => page.Words().ShouldContain("The sync was cancelled"));
        page.Words().ShouldContain("Only instances for which the platform answered 404 are marked missing");
        await using var db = OpenDatabase();
        (await db.SyncRuns.SingleAsync(row => row.Id == run, Token)).State.ShouldBe(SyncState.Cancelled);
    }

    [Fact]
    public async Task SyncPage_WhileItRuns_FollowsIt()
    {
        var account = await AddAccountAsync();
        var run = await BeginAsync(account, change => change.SetProperty(row => row.Pages, 1).SetProperty(row => row.Seen, 200));
        var page = Open(account);
        page.Role("status").ShouldContain("1 pages read, 200 instances");

        await ChangeAsync(run, change => change.SetProperty(row => row.Pages, 2).SetProperty(row => row.Seen, 400));
        Clock.Advance(TimeSpan.FromSeconds(2));

        page.WaitForAssertion(() => page.Role("status").ShouldContain("2 pages read, 400 instances"));
    }

    [Fact]
    public async Task SyncPage_BrokenOff_SaysWhyAndKeepsWhatWasFoundBefore()
    {
        var tenant = new FakeTenant(Platform);
        tenant.Add([1, 2]);
        var account = await AddAccountAsync();
        await SyncAsync(account);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Platform.OnCount = () => new PlatformOutcome<long>.Success(1204, null);
        await SyncAsync(account);

        var page = Open(account);

        page.Words().ShouldContain("The sync broke off");
        page.Words().ShouldContain("The platform counts 1,204 instances and listed 2.");
        page.Words().ShouldContain("The differences below were found by the last complete sync");
        page.Words().ShouldContain("Instance 1");
    }

    [Fact]
    public async Task SyncPage_Complete_SaysByWhatItIsProved()
    {
        var tenant = new FakeTenant(Platform);
        var account = await AddAccountAsync();
        tenant.Add([1, 2]);
        await SyncAsync(account);
        Open(account).Words().ShouldContain("1 pages brought 2 instances, as many as the platform counts");

        Clock.Advance(TimeSpan.FromMinutes(1));
        Platform.OnCount = () => FakePlatform.Refuse<long>(404);
        await SyncAsync(account);
        Open(account).Words().ShouldContain("The platform offers no count to compare with.");
    }

    [Fact]
    public async Task SyncPage_AdoptAll_ReviewsFirst()
    {
        var tenant = new FakeTenant(Platform);
        tenant.Add([1, 2, 3, 4]);
        var account = await AddAccountAsync();
        await SyncAsync(account);
        var dialogs = Render<RadzenDialog>();
        var page = Open(account);
        page.Words().ShouldContain("Complete: 4 differences");

        page.Press("Adopt all 4");
        dialogs.Words().ShouldContain("4 instances are added to the portal with their tokens. Nothing changes on the platform. Among them “Instance 1”, “Instance 2”, “Instance 3”.");
        dialogs.Press("Adopt all 4");

        page.WaitForAssertion(() => page.Words().ShouldContain("Done: 4 differences are settled."));
        page.Words().ShouldContain("Portal and platform agree");
        page.Markup.ShouldNotContain("element-token");
        await using var db = OpenDatabase();
        (await db.Instances.CountAsync(Token)).ShouldBe(4);
    }

    [Fact]
    public async Task SyncPage_AdoptAllDeclined_ChangesNothing()
    {
        new FakeTenant(Platform).Add([1, 2]);
        var account = await AddAccountAsync();
        await SyncAsync(account);
        var dialogs = Render<RadzenDialog>();
        var page = Open(account);

        page.Press("Adopt all 2");
        dialogs.Press("Cancel");

        await using var db = OpenDatabase();
        (await db.Instances.CountAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task SyncPage_Changed_ShowsBothSidesFieldByField()
    {
        var (account, _) = await AddChangedAsync();

        var page = Open(account);

        var row = page.Find(".drift-fields");
        row.Words().ShouldBe("Name Platform: Renamed Portal: Instance 1 Tags Platform: a, b Portal: none Switched Platform: off Portal: on Account server Platform: xy99.infusionsoft.com Portal: none");
        page.Press("Adopt the platform's values of Instance 1");
        page.WaitForAssertion(() => page.Role("status").ShouldContain("Done."));
        await using var db = OpenDatabase();
        (await db.Instances.SingleAsync(instance => instance.PlatformId == 1, Token)).Name.ShouldBe("Renamed");
    }

    [Fact]
    public async Task SyncPage_Push_WritesThePortalsValues()
    {
        var (account, tenant) = await AddChangedAsync();
        Platform.OnGet = id => new PlatformOutcome<PlatformInstance>.Success(tenant.Instances[id], null);
        var page = Open(account);

        page.Press("Push the portal's values of Instance 1");

        page.WaitForAssertion(() => page.Words().ShouldContain("The portal's values of “Instance 1” are on the platform."));
        Platform.Updated.ShouldHaveSingleItem().Change.Name.ShouldBe("Instance 1");
        // The account server cannot be written: that difference stays, and pushing says so.
        page.Press("Push the portal's values of Instance 1");
        page.WaitForAssertion(() => page.Words().ShouldContain("cannot be written"));
    }

    [Fact]
    public async Task SyncPage_Ignore_SetsAsideAndShowsOnRequest()
    {
        new FakeTenant(Platform).Add([1, 2]);
        var account = await AddAccountAsync();
        await SyncAsync(account);
        var page = Open(account);

        page.Press("Ignore Instance 1");
        page.WaitForAssertion(() => page.HasField("Show ignored differences (1)").ShouldBeTrue());
        page.Buttons("Adopt Instance 1").ShouldBeEmpty();
        WaitForFocus("#drift-OnlyOnPlatform");

        page.Field("Show ignored differences (1)").Change(true);
        page.WaitForAssertion(() => page.Buttons("Show again: Instance 1").Count.ShouldBe(1));
        page.Press("Show again: Instance 1");
        page.WaitForAssertion(() => page.Buttons("Ignore Instance 1").Count.ShouldBe(1));
    }

    [Fact]
    public async Task SyncPage_RemoveHere_AsksAndSendsNothing()
    {
        var tenant = new FakeTenant(Platform);
        tenant.Add([1, 2]);
        var account = await AddInStepAsync();
        tenant.Instances.Remove(1);
        await SyncAsync(account);
        var dialogs = Render<RadzenDialog>();
        var page = Open(account);

        page.Press("Remove here: Instance 1");
        dialogs.Words().ShouldContain("Nothing is sent to the platform.");
        dialogs.Press("Remove here");

        page.WaitForAssertion(() => page.Words().ShouldContain("Portal and platform agree"));
        Platform.Deleted.ShouldBeEmpty();
    }

    [Fact]
    public async Task SyncPage_ManyDifferences_AreShownInPages()
    {
        new FakeTenant(Platform, pageSize: 200).Add(Enumerable.Range(1, 30));
        var account = await AddAccountAsync();
        await SyncAsync(account);
        var page = Open(account);
        page.FindAll(".drift-table tbody tr").Count.ShouldBe(25);

        page.Press("Show more of “Only on the platform”");

        page.WaitForAssertion(() => page.FindAll(".drift-table tbody tr").Count.ShouldBe(30));
    }

    private IRenderedComponent<SyncPage> Open(Guid account)
    {
        var page = Render<SyncPage>(parameters => parameters.Add(one => one.Id, account));
        page.WaitForAssertion(() => page.FindAll(".skeleton").ShouldBeEmpty());
        return page;
    }

    private async Task<(Guid Account, FakeTenant Tenant)> AddChangedAsync()
    {
        var tenant = new FakeTenant(Platform);
        tenant.Add([1]);
        var account = await AddInStepAsync();
        tenant.Add(1, "Renamed", tags: ["b", "a"], disabled: true, server: "xy99.infusionsoft.com");
        await SyncAsync(account);
        return (account, tenant);
    }

    private async Task<Guid> AddInStepAsync()
    {
        var account = await AddAccountAsync();
        await SyncAsync(account);
        (await Get<DriftService>().AdoptAsync(account, DriftSelection.All(DriftKind.OnlyOnPlatform), AdaActor, Token)).Succeeded.ShouldBeTrue();
        return account;
    }

    private async Task<Guid> BeginAsync(
        Guid account, Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<SyncRun>> change)
    {
        var run = (await Get<SyncService>().StartAsync(account, false, AdaActor, Token)).Value;
        await ChangeAsync(run, change);
        return run;
    }

    private async Task ChangeAsync(Guid run, Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<SyncRun>> change)
    {
        await using var db = OpenDatabase();
        _ = await db.SyncRuns.Where(row => row.Id == run).ExecuteUpdateAsync(change, Token);
    }

    /// <summary>A whole sync, by the worker.</summary>
    private async Task SyncAsync(Guid account)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        var changed = new SemaphoreSlim(0);
        using var subscription = Get<ChangeFeed>().Subscribe(ChangeTopic.Sync, account, () => changed.Release());
        (await Get<SyncService>().StartAsync(account, false, AdaActor, Token)).Succeeded.ShouldBeTrue();
        var worker = Services.GetServices<IHostedService>().Single(service => service.GetType().GenericTypeArguments is [{ Name: "SyncRunner" }]);
        await worker.StartAsync(Token);
        while ((await Get<SyncService>().FindLatestAsync(account, Token))!.Latest!.State == SyncState.Running) await changed.WaitAsync(Token);
        await worker.StopAsync(Token);
    }
}
