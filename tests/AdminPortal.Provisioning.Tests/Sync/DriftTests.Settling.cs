using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Sync;

/// <content>Settling of differences.</content>
public sealed partial class DriftTests
{
    [Fact]
    public async Task Ignore_UntilItChanges_IsNotShown()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2);
        tenant.Instances[1] = tenant.Instances[1] with { Name = "Renamed" };
        await portal.SyncAsync(account);
        var item = (await portal.ReadDriftAsync()).ShouldHaveSingleItem();
        (await portal.Get<DriftService>().IgnoreAsync(account, DriftSelection.Of(item.Id), SyncTest.Ada, Token)).Value.Done.ShouldBe(1);

        await portal.SyncAsync(account);
        (await portal.ReadDriftAsync()).ShouldHaveSingleItem().Ignored.ShouldBeTrue();
        (await portal.Get<SyncService>().ListDriftAsync(account, DriftKind.Changed, false, null, 10, Token)).Items.ShouldBeEmpty();
        (await portal.Get<SyncService>().ListDriftAsync(account, DriftKind.Changed, true, null, 10, Token)).Items.ShouldHaveSingleItem();
        (await portal.Get<SyncService>().FindLatestAsync(account, Token))!.Drift[DriftKind.Changed].ShouldBe(new DriftCount(0, 1));

        tenant.Instances[1] = tenant.Instances[1] with { Name = "Renamed again" };
        await portal.SyncAsync(account);
        (await portal.ReadDriftAsync()).ShouldHaveSingleItem().Ignored.ShouldBeFalse();

        (await portal.Get<DriftService>().IgnoreAsync(account, DriftSelection.All(DriftKind.Changed), SyncTest.Ada, Token)).Value.Done.ShouldBe(1);
        (await portal.Get<DriftService>().UnignoreAsync(account, DriftSelection.All(DriftKind.Changed), SyncTest.Ada, Token)).Value.Done.ShouldBe(1);
        (await portal.ReadDriftAsync()).ShouldHaveSingleItem().Ignored.ShouldBeFalse();
    }

    [Fact]
    public async Task Adopt_OnlyOnPlatform_MakesTheInstanceThatAPersonWouldHaveMade()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddAccountAsync();
        tenant.Add(7, "  Éclair Nord", ElementKey.Crm, ["Süd", "prod", "portal:0199f0a1-0000-7000-8000-000000000001"], server: "https://DT123.infusionsoft.com");
        tenant.Add(8, disabled: true);
        tenant.Add(9, valid: false);
        await portal.SyncAsync(account);

        (await portal.AdoptAllAsync(account)).ShouldBe(new DriftOutcome(3, 0, null));

        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        var instances = await portal.ReadInstancesAsync();
        instances.ShouldAllBe(instance => portal.Secrets.Open(instance.TokenOf) == FakeTenant.TokenOf(instance.PlatformId));
        instances.Select(instance => (instance.State, instance.Attention)).ShouldBe(
            [(InstanceState.Active, null), (InstanceState.Disabled, null), (InstanceState.NeedsAttention, AttentionReason.NotValid)]);
        var adopted = instances[0];
        (adopted.ElementKey, adopted.PortalTag, adopted.AccountServer, adopted.HasLegacyKey)
            .ShouldBe((ElementKey.Crm, "portal:0199f0a1-0000-7000-8000-000000000001", "dt123.infusionsoft.com", true));
        adopted.Tags.ShouldBe(["Süd", "prod"]);
        // The keys as the entity itself computes them.
        await using var db = portal.OpenDatabase();
        var stored = await db.Instances.Where(instance => instance.PlatformId == 7)
            .Select(instance => new { instance.NameKey, instance.ServerKey, instance.SearchKey }).SingleAsync(Token);
        var fresh = new ElementInstance
        {
            Id = adopted.Id, PlatformAccountId = account, PlatformId = 7, ElementKey = ElementKey.Crm, Name = adopted.Name, Tags = adopted.Tags,
            AccountServer = adopted.AccountServer, Token = adopted.Token, State = InstanceState.Active, CreatedAt = default, LastCheckedAt = default,
        };
        (stored.NameKey, stored.ServerKey, stored.SearchKey).ShouldBe((fresh.NameKey, fresh.ServerKey, fresh.SearchKey));
        var line = (await portal.ReadActivityAsync())[^1];
        (line.Action, line.Detail, line.PersonName).ShouldBe((ActivityAction.InstanceAdopted, "3 instances were taken over from the platform.", "Ada"));
    }

    [Fact]
    public async Task Adopt_One_LeavesTheOthers()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add([1, 2, 3]);
        var account = await portal.AddAccountAsync();
        await portal.SyncAsync(account);
        var second = (await portal.ReadDriftAsync())[1];

        (await portal.Get<DriftService>().AdoptAsync(account, DriftSelection.Of(second.Id), SyncTest.Ada, Token)).Value.ShouldBe(new DriftOutcome(1, 0, null));

        (await portal.ReadInstancesAsync()).ShouldHaveSingleItem().Id.ShouldBe(second.Id);
        (await portal.ReadDriftAsync()).Select(item => item.PlatformId).ShouldBe([1, 3]);
        var line = (await portal.ReadActivityAsync())[^1];
        (line.Subject, line.InstanceId).ShouldBe(("Instance 2", second.Id));
        var again = (await portal.Get<DriftService>().AdoptAsync(account, DriftSelection.Of(second.Id), SyncTest.Ada, Token)).Value;
        (again.Done, again.Left).ShouldBe((0, 1));
        again.Reason!.ShouldStartWith("This difference is not there any more.");
    }

    [Fact]
    public async Task Adopt_ListedWithoutAToken_IsLeftWithTheReason()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add([1, 2]);
        tenant.Instances[1] = tenant.Instances[1] with { Token = null };
        var account = await portal.AddAccountAsync();
        await portal.SyncAsync(account);

        var outcome = await portal.AdoptAllAsync(account);

        (outcome.Done, outcome.Left).ShouldBe((1, 1));
        outcome.Reason!.ShouldContain("without its token");
        (await portal.ReadDriftAsync()).ShouldHaveSingleItem().PlatformId.ShouldBe(1);
    }

    [Fact]
    public async Task Adopt_MoreThanOneStretch_AddsAll()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 200);
        tenant.Add(Enumerable.Range(1, 4500));
        var account = await portal.AddAccountAsync();
        await portal.SyncAsync(account);

        (await portal.AdoptAllAsync(account)).Done.ShouldBe(4500);

        await using var db = portal.OpenDatabase();
        (await db.Instances.CountAsync(Token)).ShouldBe(4500);
        (await db.Drift.AnyAsync(Token)).ShouldBeFalse();
        // The text index has them too.
        (await db.Database.SqlQuery<int>($"SELECT count(*) AS Value FROM InstanceText WHERE InstanceText MATCH '\"instance 44\"'").SingleAsync(Token)).ShouldBe(111);
    }

    [Fact]
    public async Task Adopt_Changed_TakesThePlatformsValues()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2);
        tenant.Add(1, "Renamed", tags: ["b", "a"], disabled: true, server: "xy99.infusionsoft.com");
        tenant.Add(2, "Renamed too");
        await portal.SyncAsync(account);
        var item = (await portal.ReadDriftAsync())[0];
        item.Fields.ShouldBe([
            new DriftField("Name", "Renamed", "Instance 1"), new DriftField("Tags", "a, b", ""),
            new DriftField("State", "Disabled", "Active"), new DriftField("AccountServer", "xy99.infusionsoft.com", null)]);

        (await portal.AdoptAllAsync(account, DriftKind.Changed)).ShouldBe(new DriftOutcome(2, 0, null));

        var instance = (await portal.ReadInstancesAsync())[0];
        (instance.Name, instance.NameKey, instance.State, instance.AccountServer).ShouldBe(("Renamed", "renamed", InstanceState.Disabled, "xy99.infusionsoft.com"));
        instance.Tags.ShouldBe(["b", "a"]);
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        portal.Platform.Updated.ShouldBeEmpty();
    }

    [Fact]
    public async Task Adopt_ChangedHereSinceTheSync_IsLeft()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1);
        tenant.Add(1, "Renamed there");
        await portal.SyncAsync(account);
        await portal.ChangeAsync(1, instance => instance.Name = "Renamed here");

        var outcome = await portal.AdoptAllAsync(account, DriftKind.Changed);

        (outcome.Done, outcome.Left).ShouldBe((0, 1));
        (await portal.ReadInstancesAsync())[0].Name.ShouldBe("Renamed here");
    }

    [Fact]
    public async Task Adopt_OnlyHere_RemovesItHereAndSendsNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2, 3);
        tenant.Instances.Remove(1);
        tenant.Instances.Remove(2);
        await portal.SyncAsync(account);
        await portal.ChangeAsync(2, instance => instance.State = InstanceState.Active);

        var outcome = await portal.AdoptAllAsync(account, DriftKind.OnlyHere);

        (outcome.Done, outcome.Left).ShouldBe((1, 1));
        outcome.Reason!.ShouldContain("found on the platform since");
        (await portal.ReadInstancesAsync()).Select(instance => instance.PlatformId).ShouldBe([2, 3]);
        portal.Platform.Deleted.ShouldBeEmpty();
        (await portal.ReadActivityAsync())[^1].Action.ShouldBe(ActivityAction.InstanceForgotten);
    }

    [Fact]
    public async Task Push_One_WritesThePortalsValuesWithItsOwnTag()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add(1, tags: ["a", "portal:0199f0a1-0000-7000-8000-000000000001"]);
        var account = await portal.AddAccountAsync();
        await portal.SyncAsync(account);
        await portal.AdoptAllAsync(account);
        tenant.Instances[1] = tenant.Instances[1] with { Name = "Renamed", IsDisabled = true };
        await portal.SyncAsync(account);
        portal.Platform.OnGet = id => new PlatformOutcome<PlatformInstance>.Success(tenant.Instances[id], null);

        (await PushFirstAsync(portal, account)).Succeeded.ShouldBeTrue();

        var (id, change) = portal.Platform.Updated.ShouldHaveSingleItem();
        (id, change.Name, string.Join(' ', change.Tags!)).ShouldBe((1, "Instance 1", "a portal:0199f0a1-0000-7000-8000-000000000001"));
        portal.Platform.Switched.ShouldBe([(1, true)]);
        (await portal.ReadDriftAsync()).ShouldBeEmpty();
        var line = (await portal.ReadActivityAsync())[^1];
        (line.Action, line.Succeeded, line.Detail).ShouldBe((ActivityAction.InstancePushed, true, "The portal's values were written to the platform: Name, State."));
    }

    [Fact]
    public async Task Push_Refused_IsLeftWithThePlatformsWords()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1);
        tenant.Add(1, "Renamed");
        await portal.SyncAsync(account);
        portal.Platform.OnUpdate = (_, _) => FakePlatform.Refuse<PlatformInstance>(409, "Name is taken");

        (await PushFirstAsync(portal, account)).Problems.ShouldHaveSingleItem().Message.ShouldContain("Name is taken");

        (await portal.ReadDriftAsync()).ShouldHaveSingleItem();
        (await portal.ReadActivityAsync())[^1].Succeeded.ShouldBeFalse();
    }

    [Fact]
    public async Task Push_AccountServer_IsNotWrittenAndStays()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1);
        tenant.Add(1, "Renamed", server: "xy99.infusionsoft.com");
        await portal.SyncAsync(account);

        (await PushFirstAsync(portal, account)).Succeeded.ShouldBeTrue();
        (await portal.ReadDriftAsync()).ShouldHaveSingleItem().Fields.ShouldHaveSingleItem().Name.ShouldBe("AccountServer");
        (await PushFirstAsync(portal, account)).Problems.ShouldHaveSingleItem().Message.ShouldContain("cannot be written");
    }

    [Fact]
    public async Task Push_OneSideOnly_IsAProblem()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        tenant.Add([1]);
        var account = await portal.AddAccountAsync();
        await portal.SyncAsync(account);

        (await PushFirstAsync(portal, account)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await portal.Get<DriftService>().PushAllAsync(account, SyncTest.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        portal.Platform.Updated.ShouldBeEmpty();
    }

    [Fact]
    public async Task PushAll_Changed_IsAJobThatSettlesThem()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, 1, 2, 3);
        foreach (var id in new long[] { 1, 2, 3 }) tenant.Instances[id] = tenant.Instances[id] with { Name = "Renamed" };
        await portal.SyncAsync(account);
        var aside = (await portal.ReadDriftAsync())[2].Id;
        await portal.Get<DriftService>().IgnoreAsync(account, DriftSelection.Of(aside), SyncTest.Ada, Token);
        portal.Platform.OnGet = id => new PlatformOutcome<PlatformInstance>.Success(tenant.Instances[id], null);

        var job = (await portal.Get<DriftService>().PushAllAsync(account, SyncTest.Ada, Token)).Value.ShouldHaveSingleItem();
        await portal.Get<BulkJobRunner>().RunAsync(job, Token);

        portal.Platform.Updated.Select(update => (update.Id, update.Change.Name)).Order().ShouldBe([(1, "Instance 1"), (2, "Instance 2")]);
        (await portal.ReadDriftAsync()).ShouldHaveSingleItem().Id.ShouldBe(aside);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_PageByPage_ShowsEachOnceInOrder(bool ignored)
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var account = await portal.AddInStepAsync(tenant, [.. Enumerable.Range(1, 9)]);
        foreach (var id in new long[] { 1, 4, 7 }) tenant.Instances[id] = tenant.Instances[id] with { Name = "Renamed" };
        foreach (var id in new long[] { 2, 5, 8 }) tenant.Instances.Remove(id);
        tenant.Add([11, 12, 13, 14]);
        await portal.SyncAsync(account);
        var aside = (await portal.ReadDriftAsync()).Where(item => item.PlatformId % 2 == 1).Select(item => item.Id).ToList();
        (await portal.Get<DriftService>().IgnoreAsync(account, DriftSelection.Of(aside), SyncTest.Ada, Token)).Succeeded.ShouldBeTrue();

        var listed = new List<(DriftKind, long)>();
        DriftPosition? after = null;
        while (true)
        {
            var page = await portal.Get<SyncService>().ListDriftAsync(account, null, ignored, after, 2, Token);
            listed.AddRange(page.Items.Select(item => (item.Kind, item.PlatformId)));
            if (!page.HasMore) break;
            after = new DriftPosition(page.Items[^1].Kind, page.Items[^1].PlatformId);
        }

        listed.ShouldBe((await portal.ReadDriftAsync()).Where(item => ignored || !item.Ignored).Select(item => (item.Kind, item.PlatformId)).Order());
    }

    private static async Task<Result<Done>> PushFirstAsync(TestPortal portal, Guid account) =>
        await portal.Get<DriftService>().PushAsync(account, (await portal.ReadDriftAsync())[0].Id, SyncTest.Ada, Token);
}
