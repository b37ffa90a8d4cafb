using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Provisioning.Tests.Jobs;

/// <content>Jobs that are cancelled, killed, stopped or taken over.</content>
public sealed partial class BulkJobRunnerTests
{
    [Fact]
    public async Task Cancel_UnderWay_FinishesWhatWasBegunAndNothingElse()
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:BulkParallelism"] = "2" });
        var ids = await portal.AddInstancesAsync(10);
        var blocking = new BlockingPlatform(2) { StaysBlocked = true };
        portal.Platform.OnSwitch = blocking.SwitchAsync;
        var id = await StartAsync(portal, JobKind.Disable, ids);
        var running = portal.Get<BulkJobRunner>().RunAsync(id, Token);
        await blocking.Full;

        (await portal.Get<BulkJobService>().CancelAsync(id, Somebody, Token)).Succeeded.ShouldBeTrue();
        blocking.Release();
        await running;

        var job = await FindAsync(portal, id);
        (job.State, job.Succeeded, job.Waiting).ShouldBe((JobState.Cancelled, 2, 8));
        portal.Platform.Switched.Count.ShouldBe(2);
        (await portal.Get<JobClaims>().FindDueAsync(Token)).ShouldBeEmpty();
        (await portal.Get<BulkJobService>().CancelAsync(id, Somebody, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        await using var db = portal.OpenDatabase();
        (await db.Activity.Select(line => line.Action).ToListAsync(Token)).ShouldContain(ActivityAction.JobCancelled);
    }

    [Fact]
    public async Task Cancel_ByAnotherProcess_IsNoticed()
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:BulkParallelism"] = "1" });
        await using var other = portal.Another();
        var ids = await portal.AddInstancesAsync(10);
        var blocking = new BlockingPlatform(1) { StaysBlocked = true };
        portal.Platform.OnSwitch = blocking.SwitchAsync;
        var id = await StartAsync(portal, JobKind.Disable, ids);
        var running = portal.Get<BulkJobRunner>().RunAsync(id, Token);
        await blocking.Full;

        (await other.Get<BulkJobService>().CancelAsync(id, Somebody, Token)).Succeeded.ShouldBeTrue();
        blocking.Release();
        await running;

        // The first result that is written shows it; by then some more may have been begun.
        var job = await FindAsync(portal, id);
        job.State.ShouldBe(JobState.Cancelled);
        job.Succeeded.ShouldBe(portal.Platform.Switched.Count);
    }

    [Fact]
    public async Task Killed_InTheMiddle_TheNextProcessAccountsForEveryRowOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(60);
        var first = portal.Another();
        var id = await StartAsync(portal, JobKind.Disable, ids);
        var blocking = new BlockingPlatform(4) { PassesFirst = 20, StaysBlocked = true };
        portal.Platform.OnSwitch = blocking.SwitchAsync;
        var worker = first.Get<IEnumerable<IHostedService>>().OfType<DueWorker<BulkJobRunner>>().Single();
        await worker.StartAsync(Token);
        await blocking.Full;
        // Its calls are never answered, and its services are gone.
        await first.DisposeAsync();
        var before = await FindAsync(portal, id);
        before.State.ShouldBe(JobState.Running);
        portal.Platform.OnSwitch = null;

        // Nobody takes it up before the lease is over.
        (await portal.Get<JobClaims>().FindDueAsync(Token)).ShouldBeEmpty();
        portal.Clock.Advance(JobClaims.Lease);
        (await portal.Get<JobClaims>().FindDueAsync(Token)).ShouldBe([id]);
        await portal.Get<BulkJobRunner>().RunAsync(id, Token);

        var job = await FindAsync(portal, id);
        (job.State, job.Succeeded, job.Failed, job.Skipped).ShouldBe((JobState.Done, 60, 0, 0));
        (await ItemsAsync(portal, id)).ShouldAllBe(item => item.State == JobItemState.Succeeded);
        await using var db = portal.OpenDatabase();
        (await db.Activity.CountAsync(line => line.Action == ActivityAction.InstanceDisabled, Token)).ShouldBe(60);
        (await db.Activity.CountAsync(line => line.Action == ActivityAction.JobEnded, Token)).ShouldBe(1);
        (await db.Instances.CountAsync(row => row.State == InstanceState.Disabled, Token)).ShouldBe(60);
        // What was accounted for before was not done again; what was under way may have been.
        portal.Platform.Switched.Count.ShouldBeInRange(60, 60 + 60 - before.Finished);
        blocking.Release();
    }

    [Fact]
    public async Task Stopped_InTheMiddle_WaitsForWhatIsUnderWayAndLetsTheNextOneGoOnAtOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(30);
        await using var first = portal.Another();
        var blocking = new BlockingPlatform(4) { StaysBlocked = true };
        portal.Platform.OnSwitch = blocking.SwitchAsync;
        var id = await StartAsync(portal, JobKind.Disable, ids);
        var worker = first.Get<IEnumerable<IHostedService>>().OfType<DueWorker<BulkJobRunner>>().Single();
        await worker.StartAsync(Token);
        await blocking.Full;

        var stopping = worker.StopAsync(Token);
        stopping.IsCompleted.ShouldBeFalse();
        blocking.Release();
        await stopping;

        var between = await FindAsync(portal, id);
        (between.State, between.Succeeded).ShouldBe((JobState.Running, 4));
        (await portal.Get<JobClaims>().FindDueAsync(Token)).ShouldBe([id]);
        await portal.Get<BulkJobRunner>().RunAsync(id, Token);
        (await FindAsync(portal, id)).Succeeded.ShouldBe(30);
        portal.Platform.Switched.Count.ShouldBe(30);
    }

    [Fact]
    public async Task TwoProcesses_OneJob_EachInstanceIsSentOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var ids = await portal.AddInstancesAsync(50);
        var id = await StartAsync(portal, JobKind.Disable, ids);

        await Task.WhenAll(
            Task.Run(() => portal.Get<BulkJobRunner>().RunAsync(id, Token), Token),
            Task.Run(() => other.Get<BulkJobRunner>().RunAsync(id, Token), Token));

        portal.Platform.Switched.Select(call => call.Id).Order().ShouldBe(Enumerable.Range(1000, 50).Select(number => (long)number));
        (await FindAsync(portal, id)).Succeeded.ShouldBe(50);
    }

    [Fact]
    public async Task TakenOver_ByAnotherProcess_RowsAreCountedOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var ids = await portal.AddInstancesAsync(12);
        var blocking = new BlockingPlatform(4) { StaysBlocked = true };
        portal.Platform.OnSwitch = blocking.SwitchAsync;
        var id = await StartAsync(portal, JobKind.Disable, ids);
        var asleep = portal.Get<BulkJobRunner>().RunAsync(id, Token);
        await blocking.Full;
        // As a machine that slept: its lease is over, its calls still come back.
        await using (var db = portal.OpenDatabase())
            _ = await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, portal.Clock.GetUtcNow().AddMinutes(-1)), Token);
        portal.Platform.OnSwitch = null;

        await other.Get<BulkJobRunner>().RunAsync(id, Token);
        blocking.Release();
        await asleep;

        var job = await FindAsync(portal, id);
        (job.State, job.Succeeded, job.Finished).ShouldBe((JobState.Done, 12, 12));
        await using var after = portal.OpenDatabase();
        (await after.Activity.CountAsync(line => line.Action == ActivityAction.InstanceDisabled, Token)).ShouldBe(12);
    }

    [Fact]
    public async Task Worker_JobIsStarted_WakesAndWorksItOff()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(7);
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<DueWorker<BulkJobRunner>>().Single();
        await worker.StartAsync(Token);

        // The clock stands still: nothing but the start itself can wake it.
        var id = await StartAsync(portal, JobKind.Disable, ids);
        await Changed(portal, id, job => job.State == JobState.Done);
        await worker.StopAsync(Token);

        (await FindAsync(portal, id)).Succeeded.ShouldBe(7);
    }
}
