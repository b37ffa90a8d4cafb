using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Provisioning.Tests.Jobs;

/// <summary>A process is killed at each call of a job, before and after the platform has carried the call out.</summary>
public sealed class BulkJobKillTests
{
    private const int Instances = 3;

    private static readonly Actor Somebody =
        new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    // Each kind of job makes so many calls; a process is killed before and after each.
    private static readonly (JobKind Kind, int Calls)[] Kinds =
    [
        (JobKind.AddTags, 2 * Instances), (JobKind.RemoveTags, 2 * Instances), (JobKind.Enable, Instances), (JobKind.Disable, Instances),
        (JobKind.Delete, Instances), (JobKind.Validate, Instances), (JobKind.Push, 2 * Instances),
    ];

    public static TheoryData<JobKind, int> Points()
    {
        var points = new TheoryData<JobKind, int>();
        foreach (var (kind, calls) in Kinds)
        {
            for (var point = 1; point <= 2 * calls; point++) points.Add(kind, point);
        }

        return points;
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Killed_AtACall_EveryItemIsDoneByThisJobWithOneLine(JobKind kind, int point)
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new Tenant(portal.Platform, kind);
        var ids = await portal.AddInstancesAsync(Instances, (row, _) => tenant.Prepare(row));
        var id = await StartAsync(portal, kind, ids);
        await RunUntilKilledAsync(portal, point);
        portal.Clock.Advance(JobClaims.Lease);

        await portal.Get<BulkJobRunner>().RunAsync(id, Token);

        var job = (await portal.Get<BulkJobService>().FindAsync(id, Token)).ShouldNotBeNull();
        (job.State, job.Succeeded, job.Failed, job.Skipped).ShouldBe((JobState.Done, Instances, 0, 0));
        await using var db = portal.OpenDatabase();
        var lines = await db.Activity.AsNoTracking().Where(line => line.JobId == id && line.InstanceId != null).ToListAsync(Token);
        lines.Select(line => line.InstanceId!.Value).Order().ShouldBe(kind == JobKind.Validate ? [] : ids.Order());
        lines.ShouldAllBe(line => line.Succeeded);
        tenant.ShouldBeDone();
        if (kind == JobKind.Validate) (await db.InstanceChecks.CountAsync(Token)).ShouldBe(Instances);
    }

    [Fact]
    public async Task AddTags_TheyWereThereBefore_AreStillSkipped()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new Tenant(portal.Platform, JobKind.AddTags);
        var ids = await portal.AddInstancesAsync(1, (row, _) => tenant.Prepare(row));
        // On the platform's console, before the job came to it; then the process is killed after its first look.
        tenant.Tags[1000].Add("north");
        var id = await StartAsync(portal, JobKind.AddTags, ids);
        await RunUntilKilledAsync(portal, 2);
        portal.Clock.Advance(JobClaims.Lease);

        await portal.Get<BulkJobRunner>().RunAsync(id, Token);

        (await portal.Get<BulkJobService>().FindAsync(id, Token))!.Skipped.ShouldBe(1);
        await using var db = portal.OpenDatabase();
        (await db.Activity.AnyAsync(line => line.JobId == id && line.InstanceId != null, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Paused_BeforeACallAndTakenOver_SendsNothingAnyMore()
    {
        await using var portal = await TestPortal.StartAsync(settings: OneAtATime);
        await using var other = portal.Another();
        var tenant = new Tenant(portal.Platform, JobKind.AddTags);
        var ids = await portal.AddInstancesAsync(Instances, (row, _) => tenant.Prepare(row));
        var id = await StartAsync(portal, JobKind.AddTags, ids);
        var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        portal.Platform.OnReached = (_, _, after) =>
        {
            // After the first look at the instance, before the start is stored.
            if (!after || !paused.TrySetResult()) return Task.CompletedTask;
            return resumed.Task;
        };
        var asleep = portal.Get<BulkJobRunner>().RunAsync(id, Token);
        await paused.Task;
        await using (var db = portal.OpenDatabase())
        {
            var over = portal.Clock.GetUtcNow().AddMinutes(-1);
            _ = await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, over), Token);
        }

        await other.Get<BulkJobRunner>().RunAsync(id, Token);
        portal.Platform.Updated.Count.ShouldBe(Instances);

        resumed.SetResult();
        await asleep;

        portal.Platform.Updated.Count.ShouldBe(Instances);
        await using var read = portal.OpenDatabase();
        (await read.Activity.CountAsync(line => line.Action == ActivityAction.InstanceRenamed, Token)).ShouldBe(Instances);
    }

    [Theory]
    [InlineData(JobKind.AddTags)]
    [InlineData(JobKind.Disable)]
    [InlineData(JobKind.Delete)]
    [InlineData(JobKind.Push)]
    public async Task Paused_AfterTheMarkAndTakenOver_DoesNotSendItsChange(JobKind kind)
    {
        var suspendAware = new TestSuspendAwareClock();
        await using var portal = await TestPortal.StartAsync(
            services => services.Replace(ServiceDescriptor.Singleton<ISuspendAwareClock>(suspendAware)), OneAtATime);
        await using var other = portal.Another();
        var tenant = new Tenant(portal.Platform, kind);
        var ids = await portal.AddInstancesAsync(Instances, (row, _) => tenant.Prepare(row));
        var id = await StartAsync(portal, kind, ids);
        var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        portal.Platform.OnReached = (call, _, after) =>
        {
            if (call == "get" || after || !paused.TrySetResult()) return Task.CompletedTask;
            return resumed.Task;
        };
        var asleep = portal.Get<BulkJobRunner>().RunAsync(id, Token);
        await paused.Task;
        suspendAware.Advance(JobClaims.Lease);
        await using (var db = portal.OpenDatabase())
        {
            var over = portal.Clock.GetUtcNow().AddMinutes(-1);
            _ = await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, over), Token);
        }

        await other.Get<BulkJobRunner>().RunAsync(id, Token);
        Changes(portal).ShouldBe(Instances);
        // A person takes the tag away again. The tags that the first process has read do not come back.
        tenant.Tags[1000] = ["docs"];

        resumed.SetResult();
        await asleep;

        Changes(portal).ShouldBe(Instances);
        tenant.Tags[1000].ShouldBe(["docs"]);
        var job = (await portal.Get<BulkJobService>().FindAsync(id, Token)).ShouldNotBeNull();
        (job.State, job.Succeeded, job.Failed).ShouldBe((JobState.Done, Instances, 0));
    }

    [Fact]
    public async Task Mark_BeforeEachRequest_RenewsTheLeaseForLongerThanTheRequestMayBeSent()
    {
        await using var portal = await TestPortal.StartAsync(settings: OneAtATime);
        var tenant = new Tenant(portal.Platform, JobKind.AddTags);
        var ids = await portal.AddInstancesAsync(1, (row, _) => tenant.Prepare(row));
        var id = await StartAsync(portal, JobKind.AddTags, ids);
        var leases = new List<DateTimeOffset?>();
        portal.Platform.OnReached = async (call, _, after) =>
        {
            await using var db = portal.OpenDatabase();
            // As if no renewal had succeeded since the claim.
            var soon = portal.Clock.GetUtcNow().AddSeconds(1);
            if (call == "get") _ = await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, soon), Token);
            else if (!after) leases.Add(await db.Jobs.Select(job => job.LeaseUntil).SingleAsync(Token));
        };

        await portal.Get<BulkJobRunner>().RunAsync(id, Token);

        leases.ShouldHaveSingleItem().ShouldBe(portal.Clock.GetUtcNow() + JobClaims.Lease);
        JobClaims.SendWithin.ShouldBeLessThan(JobClaims.Lease);
    }

    // The second call of an item of a job that reads first, and the only one of the others; killed before and after it is carried out.
    [Theory]
    [InlineData(JobKind.AddTags, 3, false)]
    [InlineData(JobKind.AddTags, 4, true)]
    [InlineData(JobKind.Disable, 1, false)]
    [InlineData(JobKind.Disable, 2, true)]
    [InlineData(JobKind.Delete, 1, false)]
    [InlineData(JobKind.Delete, 2, true)]
    [InlineData(JobKind.Push, 3, false)]
    [InlineData(JobKind.Push, 4, true)]
    public async Task Cancelled_AfterAKill_TheStartedItemIsDecidedAndNothingIsSent(JobKind kind, int point, bool isCarriedOut)
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new Tenant(portal.Platform, kind);
        var ids = await portal.AddInstancesAsync(Instances, (row, _) => tenant.Prepare(row));
        var id = await StartAsync(portal, kind, ids);
        await RunUntilKilledAsync(portal, point);
        var sent = Changes(portal);
        sent.ShouldBe(isCarriedOut ? 1 : 0);
        (await portal.Get<BulkJobService>().CancelAsync(id, await portal.SignInAsync(Somebody), Token)).Succeeded.ShouldBeTrue();
        portal.Clock.Advance(JobClaims.Lease);

        (await portal.Get<JobClaims>().FindDueAsync(Token)).ShouldBe([id]);
        await portal.Get<BulkJobRunner>().RunAsync(id, Token);

        Changes(portal).ShouldBe(sent);
        await ShouldBeDecidedAsync(portal, id, isCarriedOut);
        (await portal.Get<JobClaims>().FindDueAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Cancelled_AfterTheClaimWasReleased_TheStartedItemIsDecided()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new Tenant(portal.Platform, JobKind.AddTags);
        var ids = await portal.AddInstancesAsync(Instances, (row, _) => tenant.Prepare(row));
        var id = await StartAsync(portal, JobKind.AddTags, ids);
        await RunUntilKilledAsync(portal, 4);
        await using (var db = portal.OpenDatabase())
        {
            _ = await db.Jobs.ExecuteUpdateAsync(
                set => set.SetProperty(job => job.ClaimedBy, (Guid?)null).SetProperty(job => job.LeaseUntil, (DateTimeOffset?)null), Token);
        }

        (await portal.Get<BulkJobService>().CancelAsync(id, await portal.SignInAsync(Somebody), Token)).Succeeded.ShouldBeTrue();
        (await portal.Get<JobClaims>().FindDueAsync(Token)).ShouldBe([id]);
        await portal.Get<BulkJobRunner>().RunAsync(id, Token);

        await ShouldBeDecidedAsync(portal, id, isCarriedOut: true);
    }

    [Fact]
    public async Task Cancelled_NothingStarted_IsNotTakenUp()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new Tenant(portal.Platform, JobKind.AddTags);
        var id = await StartAsync(portal, JobKind.AddTags, await portal.AddInstancesAsync(1, (row, _) => tenant.Prepare(row)));

        (await portal.Get<BulkJobService>().CancelAsync(id, await portal.SignInAsync(Somebody), Token)).Succeeded.ShouldBeTrue();

        portal.Clock.Advance(JobClaims.Lease);
        (await portal.Get<JobClaims>().FindDueAsync(Token)).ShouldBeEmpty();
    }

    private static int Changes(TestPortal portal) =>
        portal.Platform.Updated.Count + portal.Platform.Switched.Count + portal.Platform.Deleted.Count;

    private static async Task ShouldBeDecidedAsync(TestPortal portal, Guid id, bool isCarriedOut)
    {
        var job = (await portal.Get<BulkJobService>().FindAsync(id, Token)).ShouldNotBeNull();
        (job.State, job.Succeeded, job.Failed, job.Skipped).ShouldBe((JobState.Cancelled, isCarriedOut ? 1 : 0, 0, isCarriedOut ? 0 : 1));
        await using var db = portal.OpenDatabase();
        var items = await db.JobItems.AsNoTracking().Where(item => item.JobId == id)
            .OrderBy(item => item.InstanceNumber).ToListAsync(Token);
        items.Select(item => item.State)
            .ShouldBe([isCarriedOut ? JobItemState.Succeeded : JobItemState.Skipped, JobItemState.Waiting, JobItemState.Waiting]);
        items[0].Message.ShouldBe(isCarriedOut ? null : "The job was cancelled before this change was made.");
        var lines = await db.Activity.CountAsync(line => line.JobId == id && line.InstanceId != null && line.Succeeded, Token);
        lines.ShouldBe(isCarriedOut ? 1 : 0);
        (await db.Activity.CountAsync(line => line.JobId == id && line.Action == ActivityAction.JobEnded, Token)).ShouldBe(0);
    }

    private static Dictionary<string, string?> OneAtATime => new() { ["Portal:BulkParallelism"] = "1" };

    private static async Task<Guid> StartAsync(TestPortal portal, JobKind kind, IReadOnlyList<Guid> ids)
    {
        string[] tags = kind is JobKind.AddTags or JobKind.RemoveTags ? ["north"] : [];
        var actor = await portal.SignInAsync(Somebody);
        return (await portal.Get<BulkJobService>().StartAsync(InstanceSelection.Of(ids), kind, tags, actor, Token)).Value;
    }

    // Its call is never answered, and its services are gone.
    private static async Task RunUntilKilledAsync(TestPortal portal, int point)
    {
        var first = portal.Another(settings: OneAtATime);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        var count = 0;
        portal.Platform.OnReached = (_, _, _) =>
        {
            if (Interlocked.Increment(ref count) < point) return Task.CompletedTask;
            reached.TrySetResult();
            return never.Task;
        };
        await first.Get<IEnumerable<IHostedService>>().OfType<DueWorker<BulkJobRunner>>().Single().StartAsync(Token);
        await reached.Task;
        await first.DisposeAsync();
        portal.Platform.OnReached = null;
    }

    /// <summary>The platform's side of the instances: what a call changes stays changed whoever is killed.</summary>
    private sealed class Tenant
    {
        private readonly JobKind _kind;
        private readonly Dictionary<long, bool> _disabled = [];
        private readonly HashSet<long> _deleted = [];

        public Tenant(FakePlatform platform, JobKind kind)
        {
            _kind = kind;
            platform.OnGet = id => _deleted.Contains(id)
                ? FakePlatform.Refuse<PlatformInstance>(404, "No element instance found")
                : Told(id);
            platform.OnUpdate = (id, change) =>
            {
                Tags[id] = [.. change.Tags!.Where(tag => !tag.StartsWith("portal:", StringComparison.Ordinal))];
                return Told(id);
            };
            platform.OnSetEnabled = () =>
            {
                var (id, enabled) = platform.Switched[^1];
                _disabled[id] = !enabled;
                return new PlatformOutcome<Done>.Success(default, null);
            };
            platform.OnDelete = () => _deleted.Add(platform.Deleted[^1])
                ? new PlatformOutcome<Done>.Success(default, null)
                : FakePlatform.Refuse<Done>(404);
        }

        public Dictionary<long, List<string>> Tags { get; } = [];

        public void Prepare(ElementInstance row)
        {
            row.Tags = _kind switch { JobKind.RemoveTags => ["docs", "north"], _ => ["docs"] };
            row.State = _kind == JobKind.Enable ? InstanceState.Disabled : InstanceState.Active;
            Tags[row.PlatformId] = _kind == JobKind.Push ? ["console"] : [.. row.Tags];
            _disabled[row.PlatformId] = row.State == InstanceState.Disabled;
        }

        public void ShouldBeDone()
        {
            Tags.Values.ShouldAllBe(tags => tags.Contains("north") == (_kind == JobKind.AddTags));
            _disabled.Values.ShouldAllBe(disabled => disabled == (_kind == JobKind.Disable));
            _deleted.Count.ShouldBe(_kind == JobKind.Delete ? Instances : 0);
        }

        private PlatformOutcome<PlatformInstance> Told(long id) => new PlatformOutcome<PlatformInstance>.Success(
            FakePlatform.Instance(id, $"Number {id - 1000}", [.. Tags[id], $"portal:{id}"]) with { IsDisabled = _disabled[id] }, "get-1");
    }
}
