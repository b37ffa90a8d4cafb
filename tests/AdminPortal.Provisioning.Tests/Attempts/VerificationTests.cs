using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class VerificationTests
{
    // As many looks without an answer as there are before the background's checks are left to it.
    private const int Looks = 6;

    [Fact]
    public async Task VerifyAsync_ItWorks_IsNotedOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await MakeAsync(portal);
        (await portal.Provisioner.FindDueAsync(Token)).ShouldBe([(id, AttemptState.Active)]);
        (await portal.Get<AttemptService>().FindAsync(id, Token))!.IsSettled.ShouldBeFalse();
        portal.Clock.Advance(TimeSpan.FromSeconds(1));

        await portal.Provisioner.VerifyAsync(id, Token);
        await portal.Provisioner.VerifyAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.VerifiedAt.ShouldBe(portal.Clock.GetUtcNow());
        var line = attempt.History.Where(entry => entry.Event == AttemptEvent.Verified).ShouldHaveSingleItem();
        line.Detail.ShouldBeNull();
        line.RequestId.ShouldBe("ping-1");
        (await portal.Provisioner.FindDueAsync(Token)).ShouldBeEmpty();
        (await portal.Get<AttemptService>().FindAsync(id, Token))!.IsSettled.ShouldBeTrue();
        portal.Secrets.Open(portal.Platform.Pinged.ShouldHaveSingleItem()).ShouldBe(FakeTenant.TokenOf(tenant.Instances.Keys.Single()));
    }

    [Fact]
    public async Task VerifyAsync_TheProviderRefuses_IsNotedAndTheInstanceNeedsAttention()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, _) = await MakeAsync(portal);
        portal.Platform.OnPing = () => FakePlatform.Refuse<PlatformPong>(401);

        await portal.Provisioner.VerifyAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        _ = attempt.VerifiedAt.ShouldNotBeNull();
        attempt.History.Single(entry => entry.Event == AttemptEvent.Verified).Detail.ShouldBe(nameof(CheckOutcome.Refused));
        (await portal.ReadInstanceAsync(attempt.InstanceId!.Value)).State.ShouldBe(InstanceState.NeedsAttention);
    }

    [Fact]
    public async Task VerifyAsync_UnreachableAndThenAlive_LooksAgainWithPatience()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, _) = await MakeAsync(portal);
        portal.Platform.OnPing = () => new PlatformOutcome<PlatformPong>.Unreachable(UnsentReason.NotConnected);

        await portal.Provisioner.VerifyAsync(id, Token);

        var waiting = await portal.ReadAttemptAsync(id);
        waiting.VerifiedAt.ShouldBeNull();
        waiting.Verifications.ShouldBe(1);
        waiting.NextAt.ShouldBe(portal.Clock.GetUtcNow() + TimeSpan.FromSeconds(2));
        (await portal.Provisioner.FindDueAsync(Token)).ShouldBeEmpty();

        portal.Platform.OnPing = () => new PlatformOutcome<PlatformPong>.Success(new PlatformPong(null), null);
        portal.Clock.Advance(TimeSpan.FromSeconds(2));
        (await portal.Provisioner.FindDueAsync(Token)).ShouldBe([(id, AttemptState.Active)]);
        await portal.Provisioner.VerifyAsync(id, Token);
        var attempt = await portal.ReadAttemptAsync(id);
        _ = attempt.VerifiedAt.ShouldNotBeNull();
        attempt.History.Single(entry => entry.Event == AttemptEvent.Verified).Detail.ShouldBeNull();
    }

    [Theory]
    [InlineData(true, nameof(CheckOutcome.Unreachable))]
    [InlineData(false, nameof(CheckOutcome.Unclear))]
    public async Task VerifyAsync_NeverAnswered_GivesUpAndSaysSo(bool isUnreachable, string expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, _) = await MakeAsync(portal);
        portal.Platform.OnGet = _ => isUnreachable
            ? new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected)
            : new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ServerError, 500);

        for (var look = 0; look < Looks; look++)
        {
            await portal.Provisioner.VerifyAsync(id, Token);
            (await portal.ReadAttemptAsync(id)).VerifiedAt.ShouldBeNull();
            portal.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        await portal.Provisioner.VerifyAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        _ = attempt.VerifiedAt.ShouldNotBeNull();
        attempt.NextAt.ShouldBeNull();
        attempt.History.Single(entry => entry.Event == AttemptEvent.Verified).Detail.ShouldBe(expected);
        (await portal.Provisioner.FindDueAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task VerifyAsync_TheListingBreaksOff_LooksAgainThoughItWorks()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await MakeAsync(portal);
        tenant.BeforePage = _ => new PlatformOutcome<PlatformInstancePage>.Unknown(UnclearReason.TimedOut);

        await portal.Provisioner.VerifyAsync(id, Token);
        (await portal.ReadAttemptAsync(id)).VerifiedAt.ShouldBeNull();

        tenant.BeforePage = _ => null;
        portal.Clock.Advance(TimeSpan.FromSeconds(2));
        await portal.Provisioner.VerifyAsync(id, Token);
        _ = (await portal.ReadAttemptAsync(id)).VerifiedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task VerifyAsync_TwoWereMade_TheSecondIsAnOrphanOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await MakeAsync(portal);
        _ = tenant.Add(2000, "Twin", tags: [$"portal:{id}"]);
        _ = tenant.Add(2001, "Another's", tags: ["portal:of-another"]);
        portal.Platform.OnPing = () => new PlatformOutcome<PlatformPong>.Unreachable(UnsentReason.NotConnected);

        // The first look finds it and comes to no end; it is written down by the one that does.
        await portal.Provisioner.VerifyAsync(id, Token);
        portal.Platform.OnPing = () => new PlatformOutcome<PlatformPong>.Success(new PlatformPong(null), null);
        await portal.Provisioner.VerifyAsync(id, Token);
        await portal.Provisioner.VerifyAsync(id, Token);

        await using var db = portal.OpenDatabase();
        var orphan = await db.Orphans.SingleAsync(Token);
        (orphan.PlatformId, orphan.AttemptId, orphan.Name, orphan.RemovedAt).ShouldBe((2000, id, "Twin", null));
        var view = await portal.Get<AttemptService>().FindAsync(id, Token);
        view!.Orphans.ShouldHaveSingleItem().PlatformId.ShouldBe(2000);
        // Lines of one moment stay in their order.
        view.History.Select(entry => entry.Event).TakeLast(2).ShouldBe([AttemptEvent.OrphanFound, AttemptEvent.Verified]);
        view.History[^2].Detail.ShouldBe("2000");
    }

    [Fact]
    public async Task VerifyAsync_TheFilterFindsNotEvenTheFirst_EverythingIsRead()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await MakeAsync(portal);
        _ = tenant.Add(2000, "Twin", tags: [$"portal:{id}"]);
        var list = portal.Platform.OnList;
        portal.Platform.OnList = (tag, page) => tag is null
            ? list(tag, page)
            : new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([], null), null);

        await portal.Provisioner.VerifyAsync(id, Token);

        await using var db = portal.OpenDatabase();
        (await db.Orphans.SingleAsync(Token)).PlatformId.ShouldBe(2000);
        portal.Platform.Listed.Select(asked => asked.Tag).ShouldBe([$"portal:{id}", null]);
    }

    [Fact]
    public async Task VerifyAsync_DeletedMeanwhile_TheSecondIsStillFound()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, tenant) = await MakeAsync(portal);
        var made = (await portal.ReadAttemptAsync(id)).InstanceId!.Value;
        (await portal.Get<InstanceService>().DeleteAsync(made, "API instance", await portal.SignInAsync(Reauthentications.Ada), Token)).Succeeded.ShouldBeTrue();
        tenant.Instances.Clear();
        _ = tenant.Add(2000, "Twin", tags: [$"portal:{id}"]);

        await portal.Provisioner.VerifyAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.History.Single(entry => entry.Event == AttemptEvent.Verified).Detail.ShouldBe(nameof(CheckOutcome.Missing));
        portal.Platform.Pinged.ShouldBeEmpty();
        await using var db = portal.OpenDatabase();
        (await db.Orphans.SingleAsync(Token)).PlatformId.ShouldBe(2000);
    }

    [Fact]
    public async Task VerifyAsync_AuthorizedAnew_LooksAtTheTargetAndSearchesForNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var instance = await portal.ConnectAsync();
        var id = await portal.ReceiveAgainAsync(instance);
        await portal.Provisioner.ExchangeAsync(id);

        await portal.Provisioner.VerifyAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        _ = attempt.VerifiedAt.ShouldNotBeNull();
        attempt.InstanceId.ShouldBe(instance);
        portal.Platform.Listed.ShouldBeEmpty();
        _ = portal.Platform.Pinged.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task SearchAsync_TwoAreThere_TheOlderIsAdoptedAndTheOtherAnOrphan()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var id = await portal.AddAmbiguousAsync();
        _ = tenant.Add(7, tags: [$"portal:{id}"]);
        _ = tenant.Add(9, "Twin", tags: [$"portal:{id}"]);
        portal.Platform.OnGet = platformId => new PlatformOutcome<PlatformInstance>.Success(tenant.Instances[platformId], "get-1");

        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await portal.Provisioner.SearchAsync(id, Token);
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await portal.Provisioner.VerifyAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.PlatformInstanceId.ShouldBe(7);
        await using var db = portal.OpenDatabase();
        (await db.Orphans.SingleAsync(Token)).PlatformId.ShouldBe(9);
        attempt.History.Count(entry => entry.Event == AttemptEvent.OrphanFound).ShouldBe(1);
        (await portal.Get<AttemptService>().FindAsync(id, Token))!.History.Select(entry => entry.Event)
            .SkipWhile(happened => happened != AttemptEvent.Adopted).ShouldBe([AttemptEvent.Adopted, AttemptEvent.OrphanFound, AttemptEvent.Verified]);
    }

    [Fact]
    public async Task VerifyAsync_TwoProcessesAtOnce_IsNotedOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var (id, tenant) = await MakeAsync(portal);
        _ = tenant.Add(2000, "Twin", tags: [$"portal:{id}"]);

        await Task.WhenAll(Task.Run(() => portal.Provisioner.VerifyAsync(id, Token), Token), Task.Run(() => other.Provisioner.VerifyAsync(id, Token), Token));
        // One that lost comes again.
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await portal.Provisioner.VerifyAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.History.Count(entry => entry.Event == AttemptEvent.Verified).ShouldBe(1);
        attempt.History.Count(entry => entry.Event == AttemptEvent.OrphanFound).ShouldBe(1);
        await using var db = portal.OpenDatabase();
        (await db.Orphans.CountAsync(Token)).ShouldBe(1);
    }

    // An attempt whose instance was made in a tenant that lists it.
    private static async Task<(Guid Id, FakeTenant Tenant)> MakeAsync(TestPortal portal)
    {
        var tenant = new FakeTenant(portal.Platform);
        portal.Platform.OnCreate = created => Task.FromResult<PlatformOutcome<PlatformInstance>>(
            new PlatformOutcome<PlatformInstance>.Success(tenant.Add(1000, created.Name, created.Element.Key, [.. created.Tags]), "create-1"));
        portal.Platform.OnGet = platformId => tenant.Instances.TryGetValue(platformId, out var found)
            ? new PlatformOutcome<PlatformInstance>.Success(found, "get-1")
            : FakePlatform.Refuse<PlatformInstance>(404);
        var id = await portal.AddReceivedAsync();
        await portal.Provisioner.ExchangeAsync(id);
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        return (id, tenant);
    }
}
