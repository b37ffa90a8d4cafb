using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using static AdminPortal.Provisioning.Tests.Support.InstanceSeed;

namespace AdminPortal.Provisioning.Tests.Instances;

public sealed class ScheduledChecksTests
{
    [Fact]
    public async Task RunAsync_FirstTime_SpreadsThemOverTheInterval()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddCheckedAccountAsync(60);
        await AddAsync(portal, account, 128, due: null);

        _ = await portal.Get<ScheduledChecks>().RunAsync(Token);

        var offsets = (await DueAsync(portal)).Select(due => (due!.Value - portal.Clock.GetUtcNow()).TotalMinutes).ToList();
        offsets.ShouldAllBe(minutes => minutes >= 0 && minutes <= 66);
        offsets.Count(minutes => minutes < 15).ShouldBeInRange(20, 44);
        offsets.Count(minutes => minutes > 45).ShouldBeInRange(20, 44);
        portal.Platform.Pinged.Count.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task RunAsync_Due_ChecksTheOldestFirstAndMovesItAnIntervalOn()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddCheckedAccountAsync(60);
        var now = portal.Clock.GetUtcNow();
        var late = await portal.SeedInstanceAsync(platformId: 1, account: account, change: row => row.CheckDueAt = now.AddMinutes(-1));
        var later = await portal.SeedInstanceAsync(platformId: 2, account: account, change: row => row.CheckDueAt = now.AddMinutes(-2));
        var early = await portal.SeedInstanceAsync(platformId: 3, account: account, change: row => row.CheckDueAt = now.AddMinutes(1));
        var asked = new List<long>();
        var answer = portal.Platform.OnGet;
        portal.Platform.OnGet = id =>
        {
            asked.Add(id);
            return answer(id);
        };

        (await portal.Get<ScheduledChecks>().RunAsync(Token)).ShouldBeTrue();
        asked.ShouldBe([2]);
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        (await portal.Get<ScheduledChecks>().RunAsync(Token)).ShouldBeTrue();
        asked.ShouldBe([2, 1]);
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        (await portal.Get<ScheduledChecks>().RunAsync(Token)).ShouldBeFalse();

        asked.ShouldBe([2, 1]);
        foreach (var id in new[] { late, later })
            ((await portal.ReadInstanceAsync(id)).CheckDueAt!.Value - now).ShouldBeInRange(TimeSpan.FromMinutes(54), TimeSpan.FromMinutes(67));
        (await portal.ReadInstanceAsync(early)).CheckDueAt.ShouldBe(now.AddMinutes(1));
        (await portal.Get<InstanceChecker>().ListAsync(late, Token)).ShouldHaveSingleItem().Scheduled.ShouldBeTrue();
        (await portal.ReadActivityAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task RunAsync_AccountWithoutInterval_IsLeftAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddCheckedAccountAsync(null);
        await AddAsync(portal, account, 2, portal.Clock.GetUtcNow().AddDays(-1));

        (await portal.Get<ScheduledChecks>().RunAsync(Token)).ShouldBeFalse();

        portal.Platform.Pinged.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(4)]
    [InlineData(60)]
    [InlineData(600)]
    public async Task RunAsync_MoreDueThanTheLimit_NeverPassesItInAnyMinute(int perMinute)
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:ChecksPerMinute"] = perMinute.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        var account = await portal.AddCheckedAccountAsync(10_000);
        // More than are taken in what is looked at here.
        await AddAsync(portal, account, Math.Min(perMinute * 2, 160), portal.Clock.GetUtcNow().AddDays(-1));
        var checks = portal.Get<ScheduledChecks>();
        var seconds = perMinute > 60 ? 12 : 75;

        var done = new List<int> { 0 };
        for (var second = 0; second < seconds; second++)
        {
            _ = await checks.RunAsync(Token);
            done.Add(portal.Platform.Pinged.Count);
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        for (var second = 60; second < done.Count; second++) (done[second] - done[second - 60]).ShouldBeLessThanOrEqualTo(perMinute);
        // Nor is a minute's worth begun at once.
        (done[1] - done[0]).ShouldBeLessThanOrEqualTo(Math.Max(1, perMinute / 60));
        done[^1].ShouldBe(perMinute switch { 4 => 8, 60 => 75, _ => 120 });
    }

    [Fact]
    public async Task RunAsync_TwoProcesses_CheckNothingTwice()
    {
        await using var portal = await TestPortal.StartAsync(settings: Fast);
        var account = await portal.AddCheckedAccountAsync(60);
        await AddAsync(portal, account, 60, portal.Clock.GetUtcNow().AddMinutes(-1));
        await using var other = portal.Another();

        for (var i = 0; i < 10; i++)
        {
            _ = await Task.WhenAll(portal.Get<ScheduledChecks>().RunAsync(Token), other.Get<ScheduledChecks>().RunAsync(Token));
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await using var db = portal.OpenDatabase();
        var perInstance = await db.InstanceChecks.GroupBy(check => check.InstanceNumber).Select(group => group.Count()).ToListAsync(Token);
        perInstance.Count.ShouldBe(60);
        perInstance.ShouldAllBe(count => count == 1);
    }

    [Fact]
    public async Task RunAsync_PlatformSilent_LeavesTheAccountAloneForLongerAndLonger()
    {
        await using var portal = await TestPortal.StartAsync();
        var silent = await portal.AddCheckedAccountAsync(10_000, "Silent");
        var other = await portal.AddCheckedAccountAsync(10_000, "Other");
        await AddAsync(portal, silent, 40, portal.Clock.GetUtcNow().AddDays(-1));
        var asked = 0;
        portal.Platform.OnGet = _ =>
        {
            asked++;
            return new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected);
        };
        var checks = portal.Get<ScheduledChecks>();

        await TickAsync(portal, checks, 30);
        asked.ShouldBe(3);
        await TickAsync(portal, checks, 33);
        asked.ShouldBe(4);
        await TickAsync(portal, checks, 118);
        asked.ShouldBe(4);

        // The others go on meanwhile, and an answer ends the rest.
        portal.Platform.OnGet = id => new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(id), null);
        await AddAsync(portal, other, 1, portal.Clock.GetUtcNow().AddDays(-2), firstId: 900);
        await TickAsync(portal, checks, 1);
        _ = portal.Platform.Pinged.ShouldHaveSingleItem();
        await TickAsync(portal, checks, 10);
        portal.Platform.Pinged.Count.ShouldBeGreaterThan(4);
        await using var db = portal.OpenDatabase();
        (await db.Instances.CountAsync(row => row.State != InstanceState.Active, Token)).ShouldBe(0);
    }

    [Fact]
    public async Task SaveAsync_IntervalChanged_ForgetsTheOldDueTimes()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddCheckedAccountAsync(1440);
        var elsewhere = await portal.AddCheckedAccountAsync(1440, "Elsewhere");
        var due = portal.Clock.GetUtcNow().AddHours(20);
        await AddAsync(portal, account, 3, due);
        await AddAsync(portal, elsewhere, 1, due, firstId: 900);

        await SetIntervalAsync(portal, account, 1440);
        (await DueAsync(portal)).ShouldAllBe(at => at == due);
        await SetIntervalAsync(portal, account, null);
        (await DueAsync(portal)).ShouldAllBe(at => at == due);
        await SetIntervalAsync(portal, account, 15);

        (await DueAsync(portal)).Count(at => at is null).ShouldBe(3);
        (await portal.Accounts.FindAsync(account, Token))!.CheckEveryMinutes.ShouldBe(15);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(10_081)]
    public async Task SaveAsync_IntervalOutOfRange_SaysSo(int minutes)
    {
        await using var portal = await TestPortal.StartAsync();
        var input = new AccountInput { Name = "A", BaseUrl = "https://x.example.com", OrganizationSecret = "o", UserSecret = "u", CheckEveryMinutes = minutes };

        (await portal.Accounts.SaveAsync(input, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(AccountInput.CheckEveryMinutes));
    }

    [Fact]
    public async Task Worker_Started_ChecksWhatIsDueAndStops()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddCheckedAccountAsync(60);
        var id = await portal.SeedInstanceAsync(account: account, change: row => row.CheckDueAt = portal.Clock.GetUtcNow());
        var pinged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        portal.Platform.OnPing = () =>
        {
            _ = pinged.TrySetResult();
            return new PlatformOutcome<PlatformPong>.Success(new PlatformPong(null), null);
        };
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<InstanceCheckWorker>().Single();

        await worker.StartAsync(Token);
        await pinged.Task.WaitAsync(Token);
        await worker.StopAsync(Token);

        (await portal.ReadInstanceAsync(id)).CheckDueAt.ShouldNotBeNull().ShouldBeGreaterThan(portal.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Worker_MoreIsDue_LooksAgainAfterASecond()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddCheckedAccountAsync(60);
        await AddAsync(portal, account, 2, portal.Clock.GetUtcNow());
        using var pinged = new SemaphoreSlim(0);
        portal.Platform.OnPing = () =>
        {
            _ = pinged.Release();
            return new PlatformOutcome<PlatformPong>.Success(new PlatformPong(null), null);
        };
        var worker = portal.Get<IEnumerable<IHostedService>>().OfType<InstanceCheckWorker>().Single();

        await worker.StartAsync(Token);
        await pinged.WaitAsync(Token);
        // The clock moves on by itself as often as it takes until the worker waits for it.
        while (!await pinged.WaitAsync(TimeSpan.FromMilliseconds(20), Token)) portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await worker.StopAsync(Token);

        portal.Platform.Pinged.Count.ShouldBe(2);
    }

    private static readonly Dictionary<string, string?> Fast = new() { ["Portal:ChecksPerMinute"] = "600" };

    private static async Task TickAsync(TestPortal portal, ScheduledChecks checks, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _ = await checks.RunAsync(Token);
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task SetIntervalAsync(TestPortal portal, Guid id, int? minutes)
    {
        var account = (await portal.Accounts.FindAsync(id, Token)).ShouldNotBeNull();
        (await portal.Accounts.SaveAsync(new AccountInput { Id = id, Name = account.Name, BaseUrl = account.BaseUrl, CheckEveryMinutes = minutes }, Token)).Succeeded.ShouldBeTrue();
    }

    private static async Task<IReadOnlyList<DateTimeOffset?>> DueAsync(TestPortal portal)
    {
        await using var db = portal.OpenDatabase();
        return await db.Instances.OrderBy(row => row.Number).Select(row => row.CheckDueAt).ToListAsync(Token);
    }

    private static Task AddAsync(TestPortal portal, Guid account, int count, DateTimeOffset? due, long firstId = 100) =>
        portal.SeedInstancesAsync(account, count, firstId, row => row.CheckDueAt = due);
}
