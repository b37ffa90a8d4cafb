using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Sync;

/// <summary>An instance is called missing only where the platform answered 404 for it.</summary>
public sealed class SyncAbsenceTests
{
    [Fact]
    public async Task Run_PagedByOffsetWhileFiveAreDeleted_CallsOnlyTheseMissingAndIsCompleteAfterASecondReading()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 10, byOffset: true);
        var account = await portal.AddInStepAsync(tenant, [.. Enumerable.Range(1, 40)]);
        var deleted = false;
        tenant.BeforePage = cursor =>
        {
            if (cursor != "20" || deleted) return null;
            deleted = true;
            foreach (var id in new long[] { 1, 2, 3, 4, 5 }) tenant.Instances.Remove(id);
            return null;
        };

        var run = await portal.SyncAsync(account);

        // Instances 21 to 25 slid to the page that had been read already.
        run.State.ShouldBe(SyncState.Complete, run.Message);
        (run.Readings, run.Seen, run.Counted, run.Unproved).ShouldBe((1, 35, 35, 0));
        (await MissingAsync(portal)).ShouldBe([1L, 2, 3, 4, 5]);
        (await portal.ReadDriftAsync()).Select(item => (item.PlatformId, item.Kind))
            .ShouldBe(Enumerable.Range(1, 5).Select(id => ((long)id, DriftKind.OnlyHere)));
    }

    [Fact]
    public async Task Run_PagedByOffsetAndUnknownInstancesAreLeftOut_FindsThemInTheSecondReading()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 10, byOffset: true);
        tenant.Add(Enumerable.Range(1, 40));
        var account = await portal.AddAccountAsync();
        var deleted = false;
        tenant.BeforePage = cursor =>
        {
            if (cursor != "20" || deleted) return null;
            deleted = true;
            foreach (var id in new long[] { 1, 2, 3, 4, 5 }) tenant.Instances.Remove(id);
            return null;
        };

        var run = await portal.SyncAsync(account);

        run.State.ShouldBe(SyncState.Complete, run.Message);
        (await portal.ReadDriftAsync()).Select(item => item.PlatformId).ShouldBe(Enumerable.Range(6, 35).Select(id => (long)id));
    }

    [Fact]
    public async Task Run_TheListNeverStaysTheSame_BreaksOffAndSaysSo()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 10, byOffset: true);
        var account = await portal.AddInStepAsync(tenant, [.. Enumerable.Range(1, 40)]);
        tenant.BeforePage = cursor =>
        {
            if (cursor == "20") tenant.Instances.Remove(tenant.Instances.Keys.First());
            return null;
        };

        var run = await portal.SyncAsync(account);

        run.State.ShouldBe(SyncState.BrokenOff);
        run.Message!.ShouldStartWith("The list changed while it was read, in 3 readings in a row");
        // What the platform denied one by one is missing all the same; what was left out is not.
        (await MissingAsync(portal)).ShouldBeSubsetOf([1L, 2, 3]);
        (await portal.ReadInstancesAsync()).Count(instance => instance.State == InstanceState.Active).ShouldBeGreaterThanOrEqualTo(37);
    }

    [Fact]
    public async Task Run_ThePlatformDoesNotListOne_IsCompleteAndNotMissing()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2, 3, 4);
        tenant.Hidden.Add(2);
        portal.Platform.OnCount = () => new PlatformOutcome<long>.Success(3, null);

        var run = await portal.SyncAsync(account);

        run.State.ShouldBe(SyncState.Complete, run.Message);
        run.Readings.ShouldBe(1);
        (await MissingAsync(portal)).ShouldBeEmpty();
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("unreachable")]
    [InlineData("unknown")]
    [InlineData("refused")]
    public async Task Run_ThePlatformDoesNotSay_LeavesTheStateAndSaysWhatItCouldNotProve(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2, 3, 4);
        tenant.Instances.Remove(2);
        tenant.Instances.Remove(3);
        var get = portal.Platform.OnGet;
        portal.Platform.OnGet = id => id != 2 ? get(id) : how switch
        {
            "unreachable" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
            "unknown" => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ServerError, 500),
            _ => FakePlatform.Refuse<PlatformInstance>(403),
        };

        var run = await portal.SyncAsync(account);

        (run.State, run.Unproved).ShouldBe((SyncState.Complete, 1));
        run.Message!.ShouldStartWith("Instances that were not listed and could not be proved missing: 1.");
        (await MissingAsync(portal)).ShouldBe([3L]);
        (await portal.ReadActivityAsync())[^1].Detail.ShouldBe(run.Message);
    }

    [Fact]
    public async Task Run_ThePlatformIsDown_AsksForAFewAndNotForAll()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 200);
        var account = await portal.AddInStepAsync(tenant, [.. Enumerable.Range(1, 200)]);
        tenant.Instances.Clear();
        var asked = 0;
        portal.Platform.OnGet = _ =>
        {
            asked++;
            return new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ServerError, 503);
        };

        var run = await portal.SyncAsync(account);

        (run.State, run.Unproved).ShouldBe((SyncState.Complete, 200));
        asked.ShouldBe(12);
        (await MissingAsync(portal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_EachAnswerTakesLong_NoOtherProcessTakesItOver()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var tenant = new FakeTenant(portal.Platform, pageSize: 200);
        var account = await portal.AddInStepAsync(tenant, [.. Enumerable.Range(1, 20)]);
        tenant.Instances.Clear();
        var get = portal.Platform.OnGet;
        var due = new List<Guid>();
        portal.Platform.OnGet = id =>
        {
            // Four questions are asked at once, and together they take less than the lease.
            portal.Clock.Advance(SyncRunner.Lease / 5);
            due.AddRange(other.Get<SyncRunner>().FindDueAsync(Token).GetAwaiter().GetResult());
            return get(id);
        };

        var run = await portal.SyncAsync(account);

        due.ShouldBeEmpty();
        run.State.ShouldBe(SyncState.Complete, run.Message);
        (await MissingAsync(portal)).Count.ShouldBe(20);
    }

    [Fact]
    public async Task Run_KilledWhileItAsks_TheNextProcessAsksForTheRest()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 200);
        var account = await portal.AddInStepAsync(tenant, [.. Enumerable.Range(1, 100)]);
        tenant.Instances.Clear();
        var asked = new List<long>();
        var get = portal.Platform.OnGet;
        portal.Platform.OnGet = id =>
        {
            asked.Add(id);
            return asked.Count == 50 ? throw new InvalidOperationException("Killed.") : get(id);
        };
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        var run = await portal.BeginAsync(account);
        await Should.ThrowAsync<InvalidOperationException>(() => portal.Get<SyncRunner>().RunAsync(run, Token));
        (await MissingAsync(portal)).Count.ShouldBe(40);

        portal.Clock.Advance(SyncRunner.Lease);
        await using var second = portal.Another();
        await second.Get<SyncRunner>().RunAsync(run, Token);

        (await portal.ReadRunAsync(run)).State.ShouldBe(SyncState.Complete);
        (await MissingAsync(portal)).Count.ShouldBe(100);
        // Nothing that was stored is asked for a second time.
        asked.Count(id => id <= 40).ShouldBe(40);
        portal.Platform.Listed.Count.ShouldBe(2);
    }

    private static async Task<List<long>> MissingAsync(TestPortal portal) => (await portal.ReadInstancesAsync())
        .Where(instance => instance.State == InstanceState.MissingOnPlatform).Select(instance => instance.PlatformId).ToList();
}
