using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Provisioning.Tests.Sync;

public sealed partial class SyncRunnerTests
{
    [Fact]
    public async Task Run_SeveralPages_AllAreKeptWithSealedTokensAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(Enumerable.Range(1, 8));
        var account = await portal.AddAccountAsync();

        var run = await portal.SyncAsync(account);

        run.State.ShouldBe(SyncState.Complete, run.Message);
        (run.Pages, run.Seen, run.Counted, run.NextPage, run.ClaimedBy).ShouldBe((3, 8, 8, null, null));
        portal.Platform.Listed.ShouldBe([(null, null), (null, "3"), (null, "6")]);
        var rows = await portal.ReadRowsAsync(run.Id);
        rows.Select(row => row.PlatformId).ShouldBe(Enumerable.Range(1, 8).Select(id => (long)id));
        rows.ShouldAllBe(row => portal.Secrets.Open(new Secret(SecretKind.InstanceToken, row.InstanceId, row.Token!)) == FakeTenant.TokenOf(row.PlatformId));
        (await portal.ReadDriftAsync()).Select(item => (item.Id, item.Kind)).ShouldBe(rows.Select(row => (row.InstanceId, DriftKind.OnlyOnPlatform)));
        (await DumpAsync(portal)).ShouldNotContain("element-token");
    }

    [Fact]
    public async Task Run_NothingThere_IsCompleteWithoutAnyDifference()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = new FakeTenant(portal.Platform);

        var run = await portal.SyncAsync(await portal.AddAccountAsync());

        (run.State, run.Pages, run.Seen, run.Counted).ShouldBe((SyncState.Complete, 1, 0, 0));
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    public async Task Run_OtherElements_AreCountedAndKeptOnRequest(bool all, int kept)
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add([1, 2]);
        tenant.Add(3, element: "salesforce");
        tenant.Add(4, element: "hubspotcrm");
        tenant.Add(5, element: null);

        var run = await portal.SyncAsync(await portal.AddAccountAsync(), all);

        (run.State, run.Seen, run.Counted).ShouldBe((SyncState.Complete, 5, 5));
        (await portal.ReadRowsAsync(run.Id)).Count.ShouldBe(kept);
        (await portal.ReadDriftAsync()).Count.ShouldBe(kept);
    }

    [Fact]
    public async Task Run_PlatformWithoutACount_IsCompleteByItsPagesAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        new FakeTenant(portal.Platform, counts: false).Add([1, 2, 3, 4]);

        var run = await portal.SyncAsync(await portal.AddAccountAsync());

        (run.State, run.Seen, run.Counted).ShouldBe((SyncState.Complete, 4, null));
    }

    [Fact]
    public async Task Run_FewerThanCounted_BreaksOffAndMarksNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2, 3, 4);
        tenant.Instances.Remove(2);
        portal.Platform.OnCount = () => new PlatformOutcome<long>.Success(1204, null);

        var run = await portal.SyncAsync(account);

        run.State.ShouldBe(SyncState.BrokenOff);
        run.Message!.ShouldStartWith("The platform counts 1,204 instances and listed 3.");
        run.Counted.ShouldBe(1204);
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        (await portal.ReadInstancesAsync()).ShouldAllBe(instance => instance.State == InstanceState.Active);
        (await portal.ReadRowsAsync(run.Id)).ShouldBeEmpty();
        var line = (await portal.ReadActivityAsync())[^1];
        (line.Action, line.Succeeded, line.Detail, line.PersonName).ShouldBe((ActivityAction.SyncEnded, false, run.Message, "Ada"));
    }

    [Theory]
    [InlineData(5, 5L, 5L, true)]
    [InlineData(5, 4L, 6L, true)]
    [InlineData(5, 6L, 4L, true)]
    [InlineData(4, 5L, 5L, false)]
    [InlineData(6, 5L, 5L, false)]
    [InlineData(3, 4L, 6L, false)]
    [InlineData(7, 6L, 4L, false)]
    [InlineData(5, null, null, true)]
    [InlineData(5, null, 5L, true)]
    [InlineData(5, null, 6L, false)]
    [InlineData(5, 5L, null, true)]
    [InlineData(5, 4L, null, false)]
    public void IsProved_CountsBeforeAndAfter_SeenLiesBetweenThem(int seen, long? before, long? after, bool proved) =>
        SyncRunner.IsProved(seen, before, after).ShouldBe(proved);

    [Fact]
    public async Task Run_PageFailsForGood_BreaksOffWithTheReason()
    {
        await using var portal = await TestPortal.StartAsync(AtOnce);
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(Enumerable.Range(1, 7));
        tenant.BeforePage = cursor => cursor == "3" ? new PlatformOutcome<PlatformInstancePage>.Unknown(UnclearReason.ServerError, 503, "Down for maintenance") : null;

        var run = await portal.SyncAsync(await portal.AddAccountAsync());

        run.State.ShouldBe(SyncState.BrokenOff);
        run.Message!.ShouldStartWith("Page 2 of the listing could not be read, so nothing is called missing.");
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        // Patience, not obstinacy.
        portal.Platform.Listed.Count(page => page.Page == "3").ShouldBeInRange(5, 15);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(0)]
    [InlineData(500)]
    public async Task Run_PageFailsForAWhile_IsAskedForAgain(int status)
    {
        await using var portal = await TestPortal.StartAsync(AtOnce);
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(Enumerable.Range(1, 7));
        var failures = 3;
        tenant.BeforePage = cursor => cursor == "3" && failures-- > 0
            ? status switch
            {
                429 => FakePlatform.Refuse<PlatformInstancePage>(429, retryAfter: TimeSpan.FromSeconds(70)),
                0 => new PlatformOutcome<PlatformInstancePage>.Unreachable(UnsentReason.NotConnected),
                _ => new PlatformOutcome<PlatformInstancePage>.Unknown(UnclearReason.ServerError, status),
            }
            : null;

        var run = await portal.SyncAsync(await portal.AddAccountAsync());

        (run.State, run.Seen).ShouldBe((SyncState.Complete, 7));
    }

    [Fact]
    public async Task Run_CredentialsRefused_BreaksOffAtOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add([1]);
        tenant.BeforePage = _ => FakePlatform.Refuse<PlatformInstancePage>(401, "Invalid Organization or User secret");

        (await portal.SyncAsync(await portal.AddAccountAsync())).State.ShouldBe(SyncState.BrokenOff);

        portal.Platform.Listed.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Run_CursorThatRepeats_BreaksOff()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = new FakeTenant(portal.Platform);
        var id = 0;
        portal.Platform.OnList = (_, _) => Page("round", ++id);

        var run = await portal.SyncAsync(await portal.AddAccountAsync());

        run.State.ShouldBe(SyncState.BrokenOff);
        run.Message!.ShouldContain("points back");
        portal.Platform.Listed.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Run_PagesThatBringNothingNew_BreaksOff()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = new FakeTenant(portal.Platform);
        var cursor = 0;
        portal.Platform.OnList = (_, _) => Page($"cursor-{++cursor}", 1, 2);

        var run = await portal.SyncAsync(await portal.AddAccountAsync());

        run.State.ShouldBe(SyncState.BrokenOff);
        run.Message!.ShouldContain("brought no instance");
        run.Seen.ShouldBe(2);
    }

    [Fact]
    public async Task Run_CursorRefused_BeginsAgainOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(Enumerable.Range(1, 7));
        var refusals = 1;
        tenant.BeforePage = cursor => cursor == "6" && refusals-- > 0 ? FakePlatform.Refuse<PlatformInstancePage>(400, "Invalid nextPage") : null;

        var run = await portal.SyncAsync(await portal.AddAccountAsync());

        (run.State, run.Pages, run.Seen).ShouldBe((SyncState.Complete, 3, 7));
        (await portal.ReadRowsAsync(run.Id)).Count.ShouldBe(7);
    }

    [Fact]
    public async Task Run_CursorRefusedTwice_BreaksOff()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(Enumerable.Range(1, 7));
        tenant.BeforePage = cursor => cursor == "6" ? FakePlatform.Refuse<PlatformInstancePage>(400, "Invalid nextPage") : null;

        var run = await portal.SyncAsync(await portal.AddAccountAsync());

        run.State.ShouldBe(SyncState.BrokenOff);
        run.Message!.ShouldContain("Invalid nextPage");
        portal.Platform.Listed.Count(page => page.Page is null).ShouldBe(2);
    }

    [Fact]
    public async Task Start_WhileOneRuns_AnswersThatOne()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddAccountAsync();
        await using var second = portal.Another();

        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? portal : second).BeginAsync(account), Token)));

        runs.Distinct().ShouldHaveSingleItem();
        (await portal.ReadActivityAsync()).Count(line => line.Action == ActivityAction.SyncStarted).ShouldBe(1);
        var other = await portal.AddAccountAsync("Production", "https://api.cloud-elements.com");
        (await portal.BeginAsync(other)).ShouldNotBe(runs[0]);
    }

    [Fact]
    public async Task Start_UnknownAccount_IsAProblem()
    {
        await using var portal = await TestPortal.StartAsync();

        (await portal.Get<SyncService>().StartAsync(Guid.NewGuid(), false, SyncTest.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    [Fact]
    public async Task Worker_RunsOfSeveralAccounts_AreAllWorkedOff()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(Enumerable.Range(1, 5));
        var runs = new List<Guid>();
        var ended = new SemaphoreSlim(0);
        for (var i = 0; i < 4; i++)
        {
            var account = await portal.AddAccountAsync($"Account {i}", $"https://api{i}.example.com");
            _ = portal.Get<ChangeFeed>().Subscribe(ChangeTopic.Sync, account, () => ended.Release());
            runs.Add(await portal.BeginAsync(account));
        }

        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<SyncRunner>>().Single();
        await worker.StartAsync(Token);
        foreach (var run in runs)
        {
            while ((await portal.ReadRunAsync(run)).State == SyncState.Running)
            {
                await ended.WaitAsync(Token);
                portal.Clock.Advance(TimeSpan.FromSeconds(2));
            }
        }

        await worker.StopAsync(Token);

        foreach (var run in runs) (await portal.ReadRunAsync(run)).State.ShouldBe(SyncState.Complete);
    }

    private static void AtOnce(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new TestClock { FiresAtOnce = true }));

    private static PlatformOutcome<PlatformInstancePage> Page(string? next, params int[] ids) =>
        new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([.. ids.Select(id => FakePlatform.Instance(id))], next), null);
}
