using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Jobs;

public sealed partial class BulkJobRunnerTests
{
    private static readonly Actor Somebody = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    [Fact]
    public async Task Disable_All_SwitchesThemOffAndWritesWhoDidIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(5, (row, i) => row.State = i == 4 ? InstanceState.Disabled : InstanceState.Active);

        var job = await RunAsync(portal, JobKind.Disable, ids);

        (job.State, job.Succeeded, job.Failed, job.Skipped).ShouldBe((JobState.Done, 4, 0, 1));
        portal.Platform.Switched.OrderBy(call => call.Id).ShouldBe([(1000, false), (1001, false), (1002, false), (1003, false)]);
        await using var db = portal.OpenDatabase();
        (await db.Instances.CountAsync(row => row.State == InstanceState.Disabled, Token)).ShouldBe(5);
        var lines = await db.Activity.AsNoTracking().WithoutSetUp().OrderBy(line => line.Id).ToListAsync(Token);
        lines.Count(line => line is { Action: ActivityAction.InstanceDisabled, Succeeded: true } && line.JobId == job.Id && line.PersonName == Somebody.Name).ShouldBe(4);
        lines[0].Action.ShouldBe(ActivityAction.JobStarted);
        lines[^1].Action.ShouldBe(ActivityAction.JobEnded);
        lines[^1].Detail.ShouldBe("4 succeeded, 0 failed, 1 skipped.");
        (await ItemsAsync(portal, job.Id)).Single(item => item.State == JobItemState.Skipped).Message.ShouldBe("It is disabled already.");
    }

    [Fact]
    public async Task Enable_OfAnEnabledOne_AsksThePlatformNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(4, (row, i) =>
        {
            row.State = i switch { 0 => InstanceState.Active, 1 => InstanceState.Disabled, _ => InstanceState.NeedsAttention };
            row.Attention = i switch { 2 => AttentionReason.TokenRefused, 3 => AttentionReason.DisabledByPlatform, _ => null };
        });

        var job = await RunAsync(portal, JobKind.Enable, ids);

        (job.Succeeded, job.Skipped).ShouldBe((2, 2));
        portal.Platform.Switched.OrderBy(call => call.Id).ShouldBe([(1001, true), (1003, true)]);
        await using var db = portal.OpenDatabase();
        (await db.Instances.SingleAsync(row => row.Id == ids[3], Token)).Attention.ShouldBeNull();
        (await db.Instances.SingleAsync(row => row.Id == ids[2], Token)).Attention.ShouldBe(AttentionReason.TokenRefused);
    }

    [Fact]
    public async Task AddTags_Some_KeepsTagsOfTheConsoleAndThePortalsOwn()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(3, (row, i) => row.Tags = i switch { 0 => ["docs"], 1 => ["docs", "north"], _ => [.. Enumerable.Range(0, 20).Select(n => $"t{n}")] });
        portal.Platform.OnGet = id => Told(FakePlatform.Instance(id, tags: id == 1002 ? [.. Enumerable.Range(0, 20).Select(n => $"t{n}"), "portal:1002"] : ["docs", "console", $"portal:{id}"]));

        var job = await RunAsync(portal, JobKind.AddTags, ids, "north");

        (job.Succeeded, job.Failed, job.Skipped).ShouldBe((1, 1, 1));
        var (id, change) = portal.Platform.Updated.ShouldHaveSingleItem();
        id.ShouldBe(1000);
        change.Name.ShouldBeNull();
        change.Tags.ShouldBe(["docs", "console", "north", "portal:1000"]);
        await using var db = portal.OpenDatabase();
        (await db.Instances.SingleAsync(row => row.Id == ids[0], Token)).Tags.ShouldBe(["docs", "console", "north"]);
        var items = await ItemsAsync(portal, job.Id);
        items.Single(item => item.State == JobItemState.Failed).Message.ShouldBe("There can be at most 20 tags.");
        items.Single(item => item.State == JobItemState.Skipped).Message.ShouldBe("It has these tags already.");
    }

    [Fact]
    public async Task RemoveTags_Some_LeavesTheOthers()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(3, (row, i) => row.Tags = i switch { 0 => ["docs", "north"], 1 => [], _ => ["north"] });
        // The last one has lost it on the platform already.
        portal.Platform.OnGet = id => Told(FakePlatform.Instance(id, tags: id == 1002 ? ["portal:1002"] : ["north", "docs", $"portal:{id}"]));

        var job = await RunAsync(portal, JobKind.RemoveTags, ids, "north");

        (job.Succeeded, job.Failed, job.Skipped).ShouldBe((1, 0, 2));
        portal.Platform.Updated.ShouldHaveSingleItem().Change.Tags.ShouldBe(["docs", "portal:1000"]);
        await using var db = portal.OpenDatabase();
        (await db.Instances.SingleAsync(row => row.Id == ids[2], Token)).Tags.ShouldBeEmpty();
    }

    [Fact]
    public async Task Delete_OneIsGoneThere_OneIsGoneHere_AllAreDone()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(3);
        var id = await StartAsync(portal, JobKind.Delete, ids);
        (await portal.Get<InstanceService>().DeleteAsync(ids[2], "Number 2", await portal.SignInAsync(Somebody), Token)).Succeeded.ShouldBeTrue();
        portal.Platform.Deleted.Clear();
        portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found");
        var answers = new Queue<PlatformOutcome<Done>>([new PlatformOutcome<Done>.Success(default, null), FakePlatform.Refuse<Done>(404)]);
        portal.Platform.OnDelete = () =>
        {
            lock (answers) return answers.Dequeue();
        };

        await portal.Get<BulkJobRunner>().RunAsync(id, Token);

        var job = await FindAsync(portal, id);
        (job.Succeeded, job.Failed, job.Skipped).ShouldBe((3, 0, 0));
        portal.Platform.Deleted.Order().ShouldBe([1000L, 1001L]);
        await using var db = portal.OpenDatabase();
        (await db.Instances.CountAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Validate_EachOutcome_HasItsResultAndIsKept()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(4);
        portal.Platform.OnGet = id => id switch
        {
            1001 => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found"),
            1002 => Told(FakePlatform.Instance(id) with { IsDisabled = true }),
            1003 => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
            _ => Told(FakePlatform.Instance(id)),
        };

        var job = await RunAsync(portal, JobKind.Validate, ids);

        (job.Succeeded, job.Failed, job.Skipped).ShouldBe((1, 2, 1));
        await using var db = portal.OpenDatabase();
        var states = await db.Instances.AsNoTracking().OrderBy(row => row.Number).Select(row => row.State).ToListAsync(Token);
        states.ShouldBe([InstanceState.Active, InstanceState.MissingOnPlatform, InstanceState.Disabled, InstanceState.Active]);
        (await db.InstanceChecks.CountAsync(Token)).ShouldBe(4);
        // The job's record is record enough.
        (await db.Activity.AnyAsync(line => line.Action == ActivityAction.InstanceChecked, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Push_WhatDiffers_IsWritten()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(4, (row, i) => row.State = i == 2 ? InstanceState.Disabled : InstanceState.Active);
        portal.Platform.OnGet = id => id switch
        {
            1001 => Told(FakePlatform.Instance(id, "Another name", ["docs", "portal:1001"])),
            1003 => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found"),
            _ => Told(FakePlatform.Instance(id, $"Number {id - 1000}", [$"portal:{id}", "docs"])),
        };

        var job = await RunAsync(portal, JobKind.Push, ids);

        (job.Succeeded, job.Failed, job.Skipped).ShouldBe((2, 1, 1));
        var (updated, change) = portal.Platform.Updated.ShouldHaveSingleItem();
        (updated, change.Name).ShouldBe((1001, "Number 1"));
        change.Tags.ShouldBe(["docs", "portal:1001"]);
        portal.Platform.Switched.ShouldBe([(1002L, false)]);
        await using var db = portal.OpenDatabase();
        (await db.Instances.SingleAsync(row => row.Id == ids[3], Token)).State.ShouldBe(InstanceState.MissingOnPlatform);
    }

    [Fact]
    public async Task Run_OneBreaksThePortal_TheOthersAreWorkedOn()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(3);
        portal.Platform.OnGet = id => id == 1001 ? throw new InvalidOperationException("A bug.") : Told(FakePlatform.Instance(id));

        var job = await RunAsync(portal, JobKind.Validate, ids);

        (job.State, job.Succeeded, job.Failed).ShouldBe((JobState.Done, 2, 1));
        (await ItemsAsync(portal, job.Id)).Single(item => item.State == JobItemState.Failed).Message!.ShouldStartWith("The portal itself failed");
    }

    [Fact]
    public async Task Run_Many_NeverMoreAtOnceThanAllowed()
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:BulkParallelism"] = "3" });
        var ids = await portal.AddInstancesAsync(40);
        var blocking = new BlockingPlatform(3);
        portal.Platform.OnSwitch = blocking.SwitchAsync;
        // Two jobs: the bound is the process's.
        var first = await StartAsync(portal, JobKind.Disable, ids[..20]);
        var second = await StartAsync(portal, JobKind.Disable, ids[20..]);

        await Task.WhenAll(portal.Get<BulkJobRunner>().RunAsync(first, Token), portal.Get<BulkJobRunner>().RunAsync(second, Token));

        blocking.MostAtOnce.ShouldBe(3);
        (await FindAsync(portal, first)).Succeeded.ShouldBe(20);
        (await FindAsync(portal, second)).Succeeded.ShouldBe(20);
    }

    [Fact]
    public async Task Run_PlatformIsBusy_PausesForAsLongAsItSaysAndFailsNobody()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(10);
        var busy = true;
        var calls = 0;
        portal.Platform.OnSetEnabled = () =>
        {
            Interlocked.Increment(ref calls);
            return busy ? FakePlatform.Refuse<Done>(429, "Too many", TimeSpan.FromSeconds(90)) : new PlatformOutcome<Done>.Success(default, null);
        };
        var id = await StartAsync(portal, JobKind.Disable, ids);
        var paused = Changed(portal, id, job => job.PausedUntil is not null);
        var running = portal.Get<BulkJobRunner>().RunAsync(id, Token);
        await paused;
        var soFar = Volatile.Read(ref calls);
        (await FindAsync(portal, id)).PausedUntil.ShouldBe(portal.Clock.GetUtcNow().AddSeconds(90));

        // Nobody is asked before the time is over, though the lease is renewed meanwhile.
        for (var i = 0; i < 8; i++)
        {
            portal.Clock.Advance(TimeSpan.FromSeconds(10));
            await using var db = portal.OpenDatabase();
            _ = await db.Jobs.CountAsync(Token);
        }

        Volatile.Read(ref calls).ShouldBeLessThanOrEqualTo(Math.Max(soFar, 4));
        busy = false;
        await AdvanceUntilAsync(portal, running);

        var job = await FindAsync(portal, id);
        (job.State, job.Succeeded, job.Failed).ShouldBe((JobState.Done, 10, 0));
        job.PausedUntil.ShouldBeNull();
    }

    private static PlatformOutcome<PlatformInstance> Told(PlatformInstance instance) => new PlatformOutcome<PlatformInstance>.Success(instance, "get-1");

    private static async Task<JobView> RunAsync(TestPortal portal, JobKind kind, IReadOnlyList<Guid> ids, params string[] tags)
    {
        var id = await StartAsync(portal, kind, ids, tags);
        await portal.Get<BulkJobRunner>().RunAsync(id, Token);
        return await FindAsync(portal, id);
    }

    private static async Task<Guid> StartAsync(TestPortal portal, JobKind kind, IReadOnlyList<Guid> ids, params string[] tags) =>
        (await portal.Get<BulkJobService>().StartAsync(InstanceSelection.Of(ids), kind, tags, kind == JobKind.Delete ? await portal.SignInAsync(Somebody) : Somebody, Token)).Value;

    private static async Task<JobView> FindAsync(TestPortal portal, Guid id) => (await portal.Get<BulkJobService>().FindAsync(id, Token)).ShouldNotBeNull();

    private static async Task<IReadOnlyList<JobItemView>> ItemsAsync(TestPortal portal, Guid id) =>
        (await portal.Get<BulkJobService>().ListItemsAsync(id, null, null, 1000, Token)).Rows;

    private static async Task Changed(TestPortal portal, Guid id, Func<JobView, bool> reached)
    {
        var changed = new SemaphoreSlim(1);
        using var subscription = portal.Get<ChangeFeed>().Subscribe(ChangeTopic.Jobs, id, () => changed.Release());
        do
        {
            await changed.WaitAsync(Token);
        }
        while (!reached(await FindAsync(portal, id)));
    }

    private static async Task AdvanceUntilAsync(TestPortal portal, Task done)
    {
        while (!done.IsCompleted)
        {
            portal.Clock.Advance(TimeSpan.FromSeconds(2));
            await using var db = portal.OpenDatabase();
            _ = await db.Jobs.CountAsync(Token);
        }

        await done;
    }

    /// <summary>Holds calls back until so many are there at once; then lets them go, or keeps them until told.</summary>
    private sealed class BlockingPlatform(int atOnce)
    {
        private readonly Lock _gate = new();
        private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;
        private int _inside;

        public int PassesFirst { get; init; }

        public bool StaysBlocked { get; init; }

        public int MostAtOnce { get; private set; }

        public Task Full => _full.Task;

        public void Release() => _released.TrySetResult();

        public async Task<PlatformOutcome<Done>> SwitchAsync()
        {
            lock (_gate)
            {
                _calls++;
                MostAtOnce = Math.Max(MostAtOnce, ++_inside);
                if (_calls > PassesFirst && _inside == atOnce) _full.TrySetResult();
            }

            if (_calls > PassesFirst)
            {
                await _full.Task;
                if (StaysBlocked) await _released.Task;
            }

            await Task.Yield();
            lock (_gate) _inside--;
            return new PlatformOutcome<Done>.Success(default, null);
        }
    }
}
