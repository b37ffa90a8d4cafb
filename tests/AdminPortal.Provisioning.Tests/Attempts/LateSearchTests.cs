using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Provisioning.Tests.Sync;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <summary>A gateway carries a request out after the portal has concluded that nothing was created.</summary>
public sealed class LateSearchTests
{
    [Fact]
    public async Task Worker_NothingFound_SearchesAtGrowingIntervalsForADayAndThenStops()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, _) = await EndWithNothingAsync(portal);
        var concludedAt = portal.Clock.GetUtcNow();
        var times = new List<TimeSpan>();

        for (var hour = 0; hour < 30 * 12; hour++)
        {
            portal.Clock.Advance(TimeSpan.FromMinutes(5));
            var listed = portal.Platform.Listed.Count;
            await WorkAsync(portal);
            if (portal.Platform.Listed.Count > listed) times.Add(portal.Clock.GetUtcNow() - concludedAt);
        }

        times.ShouldBe([
            TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(45),
            TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(15), TimeSpan.FromHours(24)]);
        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.Ending!.Reason, attempt.NextAt).ShouldBe((AttemptState.Failed, EndingReason.NothingCreated, null));
        // While more searches follow, the platform's filter is asked; the last one reads everything.
        portal.Platform.Listed[^1].Tag.ShouldBeNull();
        portal.Platform.Listed[^2].Tag.ShouldBe(attempt.PortalTag);
    }

    [Fact]
    public async Task Worker_TheInstanceAppearsLate_IsAdoptedAndRecordedAsLate()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await EndWithNothingAsync(portal);
        (await portal.Get<AttemptService>().FindAsync(id, Token))!.LateSearchUntil.ShouldBe(portal.Clock.GetUtcNow() + TimeSpan.FromHours(24));
        _ = tenant.Add(5, tags: [$"portal:{id}"]);
        _ = tenant.Add(6, tags: [$"portal:{id}"]);

        // A restart keeps the schedule.
        await using var restarted = portal.Another();
        portal.Clock.Advance(TimeSpan.FromMinutes(5));
        await WorkAsync(restarted);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.PlatformInstanceId, attempt.Ending).ShouldBe((AttemptState.Active, 5L, null));
        attempt.History.ShouldContain(line => line.Event == AttemptEvent.FoundLate);
        portal.Secrets.Open((await portal.ReadInstanceAsync(attempt.InstanceId!.Value)).TokenOf).ShouldBe(FakeTenant.TokenOf(5));
        await using var db = portal.OpenDatabase();
        (await db.Orphans.SingleAsync(Token)).PlatformId.ShouldBe(6);
        (await db.Activity.SingleAsync(line => line.Action == ActivityAction.InstanceCreated, Token)).Detail!.ShouldContain("late");
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Worker_TheSearchBreaksOff_IsRepeatedAndNotCountedAsProof()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await EndWithNothingAsync(portal);
        tenant.BeforePage = _ => FakePlatform.Refuse<PlatformInstancePage>(403);
        // No portal ran all day, and the platform cannot be read when one starts.
        portal.Clock.Advance(TimeSpan.FromHours(26));
        await WorkAsync(portal);
        (await portal.ReadAttemptAsync(id)).NextAt.ShouldBe(portal.Clock.GetUtcNow() + TimeSpan.FromMinutes(30));

        tenant.BeforePage = _ => null;
        _ = tenant.Add(5, tags: [$"portal:{id}"]);
        portal.Clock.Advance(TimeSpan.FromMinutes(30));
        await WorkAsync(portal);

        (await portal.ReadAttemptAsync(id)).PlatformInstanceId.ShouldBe(5);
    }

    [Fact]
    public async Task Worker_AClockThatWasAheadIsSetBack_SearchesAllTheSame()
    {
        await using var portal = await TestPortal.StartAsync();
        portal.Clock.Advance(TimeSpan.FromDays(400));
        var (id, tenant) = await EndWithNothingAsync(portal);
        _ = tenant.Add(5, tags: [$"portal:{id}"]);
        portal.Clock.AdjustTime(portal.Clock.GetUtcNow() - TimeSpan.FromDays(400));

        await WorkAsync(portal);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sync_ListsTheInstanceWeeksLater_IsAdoptedEvenWhereTheFilterFindsNothing(bool filterFindsNothing)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await EndWithNothingAsync(portal);
        portal.Clock.Advance(TimeSpan.FromDays(2));
        await WorkAsync(portal);
        (await portal.ReadAttemptAsync(id)).NextAt.ShouldBeNull();
        portal.Clock.Advance(TimeSpan.FromDays(20));
        _ = tenant.Add(5, tags: [$"portal:{id}"]);
        var list = portal.Platform.OnList;
        if (filterFindsNothing)
        {
            var empty = new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([], null), null);
            portal.Platform.OnList = (tag, page) => tag is null ? list(tag, page) : empty;
        }

        portal.Platform.OnGet = platformId => new PlatformOutcome<PlatformInstance>.Success(tenant.Instances[platformId], "get-1");

        var run = await portal.Get<SyncService>().StartAsync((await portal.ReadAttemptAsync(id)).PlatformAccountId, true, Actor.Portal, Token);
        await portal.Get<SyncRunner>().RunAsync(run.Value, Token);
        (await portal.ReadAttemptAsync(id)).NextAt.ShouldBe(portal.Clock.GetUtcNow());
        await WorkAsync(portal);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.PlatformInstanceId).ShouldBe((AttemptState.Active, 5L));
        attempt.History.ShouldContain(line => line.Event == AttemptEvent.FoundLate);
        await using var db = portal.OpenDatabase();
        (await db.Drift.CountAsync(Token)).ShouldBe(0);
        (await db.Instances.CountAsync(Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Cleanup_SecretsOfAnEndedAttemptAreErased_ItIsStillAdopted()
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:DraftLifetime"] = "1.00:00:00" });
        var (id, tenant) = await EndWithNothingAsync(portal);
        portal.Clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromMinutes(1));
        (await portal.Get<AttemptCleanup>().RunAsync(Token)).Secrets.ShouldBe(1);
        _ = tenant.Add(5, tags: [$"portal:{id}"]);

        await WorkAsync(portal);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sync_APersonAdoptedTheInstanceFirst_TheAttemptEndsWithIt(bool isHidden)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await EndWithNothingAsync(portal);
        _ = tenant.Add(5, tags: [$"portal:{id}"]);
        var account = (await portal.ReadAttemptAsync(id)).PlatformAccountId;
        (await portal.SyncAsync(account)).State.ShouldBe(SyncState.Complete);
        (await portal.AdoptAllAsync(account)).ShouldBe(new DriftOutcome(1, 0, null));
        // The searches of the day are over.
        await using (var db = portal.OpenDatabase())
            _ = await db.Attempts.ExecuteUpdateAsync(set => set.SetProperty(row => row.NextAt, (DateTimeOffset?)null), Token);
        // One that the platform does not list is asked for.
        if (isHidden)
        {
            tenant.Hidden.Add(5);
            portal.Platform.OnCount = () => new PlatformOutcome<long>.Success(0, null);
        }

        (await portal.SyncAsync(account)).State.ShouldBe(SyncState.Complete);
        await WorkAsync(portal);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.PlatformInstanceId).ShouldBe((AttemptState.Active, 5L));
        await using var read = portal.OpenDatabase();
        (await read.Instances.SingleAsync(Token)).Id.ShouldBe(attempt.InstanceId!.Value);
    }

    private static async Task<(Guid Id, FakeTenant Tenant)> EndWithNothingAsync(TestPortal portal)
    {
        var tenant = new FakeTenant(portal.Platform, pageSize: 2);
        var id = await portal.AddAmbiguousAsync();
        portal.Clock.Advance(new PortalOptions().UnansweredPatience);
        await portal.Provisioner.SearchAsync(id, Token);
        (await portal.ReadAttemptAsync(id)).Ending!.Reason.ShouldBe(EndingReason.NothingCreated);
        return (id, tenant);
    }

    private static async Task WorkAsync(TestPortal portal)
    {
        foreach (var (id, state) in await portal.Provisioner.FindDueAsync(Token)) await portal.Provisioner.WorkAsync(id, state, Token);
    }
}
