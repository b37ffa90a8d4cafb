using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Jobs;

public sealed class BulkJobServiceTests
{
    private static readonly Actor Somebody = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    [Fact]
    public async Task ReviewAsync_Named_CountsThemAndGivesExamples()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(9);

        // One is named twice, one is not there.
        var review = await portal.Get<BulkJobService>().ReviewAsync(InstanceSelection.Of([.. ids[..7], ids[0], Guid.NewGuid()]), JobKind.Delete, [], Token);

        review.Value.Total.ShouldBe(7);
        review.Value.NothingToDo.ShouldBe(0);
        review.Value.Examples.ShouldBe(["Number 0", "Number 1", "Number 2", "Number 3", "Number 4"]);
    }

    public static TheoryData<InstanceListQuery, int> Queries() => new()
    {
        { new InstanceListQuery(), 12 },
        { new InstanceListQuery { State = InstanceState.Disabled }, 4 },
        { new InstanceListQuery { State = InstanceState.Disabled, Tag = "south" }, 2 },
        { new InstanceListQuery { Search = "number 1" }, 3 },
        { new InstanceListQuery { Search = "1" }, 12 },
        { new InstanceListQuery { Search = "nobody", Tag = "south" }, 0 },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task AllThatMatch_ReviewAndJob_AreForWhatTheListShows(InstanceListQuery query, int expected)
    {
        await using var portal = await TestPortal.StartAsync();
        await portal.AddInstancesAsync(12, (row, i) =>
        {
            row.State = i % 3 == 0 ? InstanceState.Disabled : InstanceState.Active;
            row.Tags = i % 2 == 0 ? ["south"] : [];
        });
        (await portal.Get<InstanceService>().CountAsync(query, Token)).Total.ShouldBe(expected);
        var jobs = portal.Get<BulkJobService>();

        (await jobs.ReviewAsync(InstanceSelection.Matching(query), JobKind.Validate, [], Token)).Value.Total.ShouldBe(expected);
        var started = await jobs.StartAsync(InstanceSelection.Matching(query), JobKind.Validate, [], Somebody, Token);

        await using var db = portal.OpenDatabase();
        if (expected == 0)
        {
            started.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
            (await db.Jobs.CountAsync(Token)).ShouldBe(0);
            (await db.Activity.WithoutSetUp().CountAsync(Token)).ShouldBe(0);
            return;
        }

        var wanted = (await portal.Get<InstanceService>().ListAsync(query with { PageSize = 100 }, Token)).Rows.Select(row => (row.Id, row.Name)).Order();
        var items = (await jobs.ListItemsAsync(started.Value, null, null, 100, Token)).Rows;
        items.Select(item => (item.InstanceId, item.Name)).Order().ShouldBe(wanted);
        (await jobs.FindAsync(started.Value, Token))!.Total.ShouldBe(expected);
    }

    [Theory]
    [InlineData(JobKind.Enable, 3)]
    [InlineData(JobKind.Disable, 2)]
    [InlineData(JobKind.Validate, 0)]
    public async Task ReviewAsync_DoneAlready_IsCounted(JobKind kind, int expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(6, (row, i) =>
        {
            row.State = i switch { 0 or 1 => InstanceState.Active, 2 or 3 => InstanceState.NeedsAttention, _ => InstanceState.Disabled };
            row.Attention = i switch { 2 => AttentionReason.NotValid, 3 => AttentionReason.DisabledByPlatform, _ => null };
        });

        (await portal.Get<BulkJobService>().ReviewAsync(InstanceSelection.Of(ids), kind, [], Token)).Value.NothingToDo.ShouldBe(expected);
    }

    [Theory]
    [InlineData(JobKind.AddTags, new[] { "a", "b" }, 1)]
    [InlineData(JobKind.AddTags, new[] { "a" }, 2)]
    [InlineData(JobKind.RemoveTags, new[] { "a" }, 2)]
    [InlineData(JobKind.RemoveTags, new[] { "a", "b" }, 1)]
    [InlineData(JobKind.RemoveTags, new string[0], 0)]
    public async Task ReviewAsync_TaggedAlready_IsCounted(JobKind kind, string[] tags, int expected)
    {
        await using var portal = await TestPortal.StartAsync();
        await portal.AddInstancesAsync(4, (row, i) => row.Tags = i switch { 0 => ["a", "b"], 1 => ["a"], 2 => ["b", "A"], _ => [] });

        (await portal.Get<BulkJobService>().ReviewAsync(InstanceSelection.Matching(new InstanceListQuery()), kind, tags, Token)).Value.NothingToDo.ShouldBe(expected);
    }

    [Theory]
    [InlineData(JobKind.AddTags)]
    [InlineData(JobKind.RemoveTags)]
    public async Task StartAsync_TagsThatBreakTheRules_StartNothing(JobKind kind)
    {
        await using var portal = await TestPortal.StartAsync();
        var selection = InstanceSelection.Of(await portal.AddInstancesAsync(1));
        var jobs = portal.Get<BulkJobService>();

        string[][] wrong = [[], ["  "], ["portal:mine"], ["a", "a "], [new string('x', 65)], ["a\nb"], [.. Enumerable.Range(0, 21).Select(i => $"t{i}")]];
        foreach (var tags in wrong)
            (await jobs.StartAsync(selection, kind, tags, Somebody, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Tags");

        (await jobs.ListRecentAsync(10, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task StartAsync_NothingOrTooMuchNamed_StartsNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var jobs = portal.Get<BulkJobService>();

        (await jobs.StartAsync(InstanceSelection.Of([]), JobKind.Validate, [], Somebody, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Invalid);
        (await jobs.StartAsync(InstanceSelection.Of([Guid.NewGuid()]), JobKind.Validate, [], Somebody, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await jobs.StartAsync(InstanceSelection.Of(Enumerable.Range(0, InstanceSelection.MaxIds + 1).Select(_ => Guid.NewGuid())), JobKind.Validate, [], Somebody, Token))
            .Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Invalid);
    }

    [Fact]
    public async Task StartAsync_AnotherNumberThanReviewed_StartsNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        await portal.AddInstancesAsync(3);
        var jobs = portal.Get<BulkJobService>();

        var started = await jobs.StartAsync(InstanceSelection.Matching(new InstanceListQuery()), JobKind.Delete, [], await portal.SignInAsync(Somebody), Token, reviewed: 2);

        started.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Stale);
        (await jobs.ListRecentAsync(10, Token)).ShouldBeEmpty();
        (await jobs.StartAsync(InstanceSelection.Matching(new InstanceListQuery()), JobKind.Delete, [], await portal.SignInAsync(Somebody), Token, reviewed: 3)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task ListItemsAsync_PageByPage_EveryRowOnceFailedFirst()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(23);
        var jobs = portal.Get<BulkJobService>();
        var id = (await jobs.StartAsync(InstanceSelection.Of(ids), JobKind.Validate, [], Somebody, Token)).Value;
        await using (var db = portal.OpenDatabase())
        {
            foreach (var item in await db.JobItems.ToListAsync(Token)) item.State = (JobItemState)(item.InstanceNumber % 4);
            _ = await db.SaveChangesAsync(Token);
        }

        var pages = new List<JobItemPage> { await jobs.ListItemsAsync(id, null, null, 4, Token) };
        while (pages[^1].Next is { } next) pages.Add(await jobs.ListItemsAsync(id, null, next, 4, Token));

        var rows = pages.SelectMany(page => page.Rows).ToList();
        pages.Count.ShouldBe(6);
        rows.Count.ShouldBe(23);
        rows.Select(row => row.InstanceId).Distinct().Count().ShouldBe(23);
        JobItemState[] order = [JobItemState.Failed, JobItemState.Skipped, JobItemState.Succeeded, JobItemState.Waiting];
        rows.Select(row => Array.IndexOf(order, row.State)).ShouldBeInOrder();
        var failed = await jobs.ListItemsAsync(id, JobItemState.Failed, null, 4, Token);
        failed.Rows.ShouldAllBe(row => row.State == JobItemState.Failed);
        var rest = await jobs.ListItemsAsync(id, JobItemState.Failed, failed.Next, 4, Token);
        failed.Rows.Concat(rest.Rows).Select(row => row.InstanceId).ShouldBe(rows.Where(row => row.State == JobItemState.Failed).Select(row => row.InstanceId));
    }

    [Fact]
    public async Task ListRecentAsync_RunningOnesComeFirst()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(2);
        var jobs = portal.Get<BulkJobService>();
        var first = (await jobs.StartAsync(InstanceSelection.Of(ids), JobKind.Validate, [], Somebody, Token)).Value;
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        var export = (await jobs.StartAsync(InstanceSelection.Of(ids), JobKind.Export, [], Somebody, Token)).Value;

        (await jobs.ListRecentAsync(10, Token)).Select(job => job.Id).ShouldBe([first, export]);
        (await jobs.FindAsync(export, Token))!.State.ShouldBe(JobState.Done);
        (await jobs.CancelAsync(Guid.NewGuid(), Somebody, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    [Fact]
    public async Task Record_OfAJob_ShowsItOnceAndEachInstanceItsOwn()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(5);
        var id = (await portal.Get<BulkJobService>().StartAsync(InstanceSelection.Of(ids), JobKind.Disable, [], Somebody, Token)).Value;
        await portal.Get<BulkJobRunner>().RunAsync(id, Token);
        (await portal.Get<InstanceService>().SetEnabledAsync(ids[0], true, Somebody, Token)).Succeeded.ShouldBeTrue();
        var record = portal.Get<ActivityService>();

        var all = await record.ListAsync(new ActivityQuery(), Token);
        all.Lines.Select(line => line.Action).ShouldBe([ActivityAction.InstanceEnabled, ActivityAction.JobEnded, ActivityAction.JobStarted, ActivityAction.AccountAdded]);
        var own = await record.ListAsync(new ActivityQuery { InstanceId = ids[0] }, Token);
        own.Lines.Select(line => line.Action).ShouldBe([ActivityAction.InstanceEnabled, ActivityAction.InstanceDisabled]);
        own.Lines[1].JobId.ShouldBe(id);
        own.Lines[1].HasJob.ShouldBeTrue();
        (await record.ListAsync(new ActivityQuery { Action = ActivityAction.InstanceDisabled }, Token)).Lines.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Record_PageByPage_EveryLineOnceForthAndBack()
    {
        await using var portal = await TestPortal.StartAsync();
        var ids = await portal.AddInstancesAsync(1);
        for (var i = 0; i < 11; i++) _ = await portal.Get<InstanceService>().SetEnabledAsync(ids[0], i % 2 == 0, Somebody, Token);
        var record = portal.Get<ActivityService>();
        var query = new ActivityQuery { PageSize = 4 };

        var forth = new List<ActivityPage> { await record.ListAsync(query, Token) };
        while (forth[^1].HasOlder) forth.Add(await record.ListAsync(query with { Before = forth[^1].Lines[^1].Id }, Token));
        var back = new List<ActivityPage> { forth[^1] };
        while (back[^1].HasNewer) back.Add(await record.ListAsync(query with { After = back[^1].Lines[0].Id }, Token));

        forth.Select(page => page.Lines.Count).ShouldBe([4, 4, 4]);
        var lines = forth.SelectMany(page => page.Lines).Select(line => line.Id).ToList();
        lines.ShouldBe(lines.OrderDescending());
        back.AsEnumerable().Reverse().SelectMany(page => page.Lines).Select(line => line.Id).ShouldBe(lines);
    }
}
