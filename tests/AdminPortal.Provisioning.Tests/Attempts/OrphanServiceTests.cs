using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Search;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class OrphanServiceTests
{
    private const long Twin = 9;

    [Fact]
    public async Task RemoveAsync_StillAnOrphan_IsDeletedAndWrittenDown()
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, attempt) = await FindTwinAsync(portal);
        (await portal.Get<OrphanService>().FindOpenAsync(Token)).ShouldBe((1, attempt));

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Succeeded.ShouldBeTrue();

        portal.Platform.Deleted.ShouldBe([Twin]);
        (await ReadAsync(portal, orphan)).RemovedAt.ShouldBe(portal.Clock.GetUtcNow());
        var line = (await portal.ReadAttemptAsync(attempt)).History.Where(entry => entry.Event == AttemptEvent.OrphanRemoved).ShouldHaveSingleItem();
        line.Detail.ShouldBe("9");
        var noted = (await portal.ListActivityAsync(ActivityAction.OrphanRemoved)).ShouldHaveSingleItem();
        noted.Succeeded.ShouldBeTrue();
        (await portal.Get<OrphanService>().FindOpenAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task RemoveAsync_AlreadyRemovedOrUnknown_IsSaid()
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, _) = await FindTwinAsync(portal);
        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Succeeded.ShouldBeTrue();

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await portal.Get<OrphanService>().RemoveAsync(Guid.NewGuid(), InstanceSeed.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);

        _ = portal.Platform.Deleted.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task RemoveAsync_TakenOverMeanwhile_IsNotDeleted()
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, attempt) = await FindTwinAsync(portal);
        _ = await portal.SeedInstanceAsync(platformId: Twin);

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);

        portal.Platform.Deleted.ShouldBeEmpty();
        (await portal.Get<OrphanService>().FindOpenAsync(Token)).ShouldBeNull();
        (await portal.Get<AttemptService>().FindAsync(attempt, Token))!.Orphans.ShouldBeEmpty();
    }

    [Fact]
    public async Task RemoveAsync_ItsTagIsGone_IsNotDeleted()
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, _) = await FindTwinAsync(portal);
        portal.Platform.OnGet = id => new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(id, tags: ["somebody's"]), null);

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);

        portal.Platform.Deleted.ShouldBeEmpty();
        (await ReadAsync(portal, orphan)).RemovedAt.ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RemoveAsync_GoneOnThePlatform_CountsAsRemoved(bool beforeTheLook)
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, _) = await FindTwinAsync(portal);
        if (beforeTheLook) portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404);
        portal.Platform.OnDelete = () =>
        {
            portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404);
            return FakePlatform.Refuse<Done>(404);
        };

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Succeeded.ShouldBeTrue();

        portal.Platform.Deleted.Count.ShouldBe(beforeTheLook ? 0 : 1);
        _ = (await ReadAsync(portal, orphan)).RemovedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task RemoveAsync_404AndItIsStillThere_IsNotRemoved()
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, _) = await FindTwinAsync(portal);
        portal.Platform.OnDelete = () => FakePlatform.Refuse<Done>(404, "Not Found");

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Refused);

        (await ReadAsync(portal, orphan)).RemovedAt.ShouldBeNull();
    }

    [Theory]
    [InlineData("unreachable", ProblemKind.Unreachable)]
    [InlineData("refused", ProblemKind.Refused)]
    [InlineData("unknown", ProblemKind.Unknown)]
    public async Task RemoveAsync_TheLookFails_NothingIsDeleted(string how, ProblemKind expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, _) = await FindTwinAsync(portal);
        portal.Platform.OnGet = _ => Fail<PlatformInstance>(how);

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(expected);

        portal.Platform.Deleted.ShouldBeEmpty();
        (await ReadAsync(portal, orphan)).RemovedAt.ShouldBeNull();
    }

    [Theory]
    [InlineData("unreachable", ProblemKind.Unreachable)]
    [InlineData("refused", ProblemKind.Refused)]
    [InlineData("unknown", ProblemKind.Unknown)]
    public async Task RemoveAsync_TheDeletionFails_StaysOpen(string how, ProblemKind expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, attempt) = await FindTwinAsync(portal);
        portal.Platform.OnDelete = () => Fail<Done>(how);

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(expected);

        (await ReadAsync(portal, orphan)).RemovedAt.ShouldBeNull();
        (await portal.Get<OrphanService>().FindOpenAsync(Token)).ShouldBe((1, attempt));
        (await portal.ListActivityAsync(ActivityAction.OrphanRemoved)).ShouldBeEmpty();
    }

    [Fact]
    public async Task RemoveAsync_TheAttemptChangedMeanwhile_IsSaidAndTheNextTimeWrittenDown()
    {
        await using var portal = await TestPortal.StartAsync();
        var (orphan, attempt) = await FindTwinAsync(portal);
        portal.Platform.OnDelete = () =>
        {
            using var db = portal.OpenDatabase();
            var row = db.Attempts.Single();
            row.UpdatedAt += TimeSpan.FromTicks(1);
            _ = db.SaveChanges();
            return new PlatformOutcome<Done>.Success(default, null);
        };

        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Stale);
        (await ReadAsync(portal, orphan)).RemovedAt.ShouldBeNull();

        portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404);
        (await portal.Get<OrphanService>().RemoveAsync(orphan, InstanceSeed.Ada, Token)).Succeeded.ShouldBeTrue();
        (await portal.ReadAttemptAsync(attempt)).History.Count(entry => entry.Event == AttemptEvent.OrphanRemoved).ShouldBe(1);
    }

    private static PlatformOutcome<T> Fail<T>(string how) => how switch
    {
        "unreachable" => new PlatformOutcome<T>.Unreachable(UnsentReason.NotConnected),
        "refused" => FakePlatform.Refuse<T>(403),
        _ => new PlatformOutcome<T>.Unknown(UnclearReason.TimedOut),
    };

    private static async Task<OrphanedInstance> ReadAsync(TestPortal portal, Guid id)
    {
        await using var db = portal.OpenDatabase();
        return await db.Orphans.AsNoTracking().SingleAsync(row => row.Id == id, Token);
    }

    // An attempt of which the platform made two: 7 is adopted, 9 is the orphan.
    private static async Task<(Guid Orphan, Guid Attempt)> FindTwinAsync(TestPortal portal)
    {
        var tenant = new FakeTenant(portal.Platform);
        var id = await portal.AddAmbiguousAsync();
        _ = tenant.Add(7, tags: [$"portal:{id}"]);
        _ = tenant.Add(Twin, "Twin", tags: [$"portal:{id}"]);
        portal.Platform.OnGet = platformId => new PlatformOutcome<PlatformInstance>.Success(tenant.Instances[platformId], "get-1");
        await portal.Provisioner.SearchAsync(id, Token);
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        await using var db = portal.OpenDatabase();
        return ((await db.Orphans.SingleAsync(Token)).Id, id);
    }
}
