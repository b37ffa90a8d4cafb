using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Instances;

public sealed class InstanceServiceTests
{
    private static readonly Actor Somebody = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    [Theory]
    [InlineData("muller", new[] { "Büro Müller", "MULLER" })]
    [InlineData("  MÜLLER ", new[] { "Büro Müller", "MULLER" })]
    [InlineData("ecole", new[] { "École" })]
    [InlineData("%", new[] { "100%" })]
    [InlineData("_", new[] { "a_b" })]
    [InlineData("'", new[] { "O'Brien" })]
    [InlineData("nothing like it", new string[0])]
    public async Task ListAsync_Search_FindsPartsOfNamesWithoutCaseAndAccents(string search, string[] expected)
    {
        await using var portal = await TestPortal.StartAsync();
        await AddAsync(portal, await portal.AddAccountAsync(), new[] { "Büro Müller", "MULLER", "École", "100%", "a_b", "O'Brien" }.Select(name => (name, Now(portal))));

        var page = await portal.Get<InstanceService>().ListAsync(new InstanceListQuery { Search = search, Sort = InstanceSort.Name, Descending = false }, Token);

        page.Rows.Select(row => row.Name).ShouldBe(expected, ignoreOrder: true);
        (await portal.Get<InstanceService>().CountAsync(new InstanceListQuery { Search = search }, Token)).Total.ShouldBe(expected.Length);
    }

    [Fact]
    public async Task ListAsync_Filters_NarrowTogether()
    {
        await using var portal = await TestPortal.StartAsync();
        await AddAsync(portal, await portal.AddAccountAsync(), Enumerable.Range(0, 8).Select(i => ($"n{i}", Now(portal))), change: (row, i) =>
        {
            row.State = (InstanceState)(i % 4);
        });
        var service = portal.Get<InstanceService>();

        var all = await service.ListAsync(new InstanceListQuery(), Token);
        var disabled = await service.ListAsync(new InstanceListQuery { State = InstanceState.Disabled, ElementKey = ElementKey.Rest }, Token);
        var other = await service.ListAsync(new InstanceListQuery { ElementKey = ElementKey.Crm }, Token);

        (await service.CountAsync(new InstanceListQuery(), Token)).ShouldBe(new InstanceCount(8, 4));
        disabled.Rows.Select(row => row.Name).ShouldBe(["n2", "n6"], ignoreOrder: true);
        (await service.CountAsync(new InstanceListQuery { State = InstanceState.Disabled }, Token)).ShouldBe(new InstanceCount(2, 0));
        other.Rows.ShouldBeEmpty();
        (await service.CountByStateAsync(Token))[InstanceState.MissingOnPlatform].ShouldBe(2);
        all.Rows[0].ElementName.ShouldBe("Infusionsoft REST");
        all.Rows[0].AccountName.ShouldBe("Staging");
    }

    [Fact]
    public async Task ListAsync_TokenThatDoesNotOpen_TakesNoPageDown()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = (await AddAsync(portal, await portal.AddAccountAsync(), [("n", Now(portal))], change: (row, _) => row.Token = new Sealed("damaged"))).Single();
        var service = portal.Get<InstanceService>();

        (await service.ListAsync(new InstanceListQuery(), Token)).Rows.Count.ShouldBe(1);
        _ = (await service.FindAsync(id, Token)).ShouldNotBeNull();
        (await portal.Get<RevealService>().RevealAsync(id, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
    }

    [Fact]
    public async Task RevealAsync_Instance_OpensItsToken()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);

        (await portal.Get<RevealService>().RevealAsync(id, Token)).Value.ShouldBe("token-100");
        (await service.FindAsync(id, Token))!.ToString().ShouldNotContain("token-100");
        (await portal.Get<RevealService>().RevealAsync(Guid.NewGuid(), Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    [Fact]
    public async Task EditAsync_NameAndTags_KeepThePortalTag()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);

        (await service.EditAsync(id, new InstanceEdit { Name = " Änders ", Tags = [" a ", "", "b"] }, Somebody, Token)).Succeeded.ShouldBeTrue();

        var (platformId, change) = portal.Platform.Updated.ShouldHaveSingleItem();
        platformId.ShouldBe(100);
        change.Name.ShouldBe("Änders");
        change.Tags.ShouldBe(["a", "b", "portal:100"]);
        var row = await ReadAsync(portal, id);
        row.Name.ShouldBe("Änders");
        row.NameKey.ShouldBe("anders");
        row.Tags.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task EditAsync_PlatformMadeSomethingElseOfIt_StoresThat()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);
        portal.Platform.OnUpdate = (platformId, _) => new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(platformId, "bold", ["portal:100", "kept"]), null);

        _ = await service.EditAsync(id, new InstanceEdit { Name = "<b>bold</b>", Tags = ["kept", "<i>"] }, Somebody, Token);

        var row = await ReadAsync(portal, id);
        row.Name.ShouldBe("bold");
        row.Tags.ShouldBe(["kept"]);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("unreachable")]
    [InlineData("unknown")]
    public async Task EditAsync_PlatformDidNotDoIt_ChangesNothing(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);
        portal.Platform.OnUpdate = (_, _) => how switch
        {
            "refused" => FakePlatform.Refuse<PlatformInstance>(400),
            "unreachable" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
            _ => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut),
        };

        var before = portal.Clock.GetUtcNow();
        portal.Clock.Advance(TimeSpan.FromHours(1));

        (await service.EditAsync(id, new InstanceEdit { Name = "Other", Tags = ["x"] }, Somebody, Token)).Succeeded.ShouldBeFalse();

        var row = await ReadAsync(portal, id);
        row.Name.ShouldBe("One");
        row.Tags.ShouldBe(["docs"]);
        row.State.ShouldBe(InstanceState.Active);
        row.LastCheckedAt.ShouldBe(how == "refused" ? portal.Clock.GetUtcNow() : before);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\nb")]
    public async Task EditAsync_Invalid_AsksThePlatformNothing(string name)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);

        (await service.EditAsync(id, new InstanceEdit { Name = name }, Somebody, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe("Name");

        portal.Platform.Updated.ShouldBeEmpty();
    }

    [Fact]
    public async Task EditAsync_PlatformDoesNotKnowIt_IsShownAsMissing()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);
        portal.Platform.OnUpdate = (_, _) => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found");
        portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404, "No element instance found");

        (await service.EditAsync(id, new InstanceEdit { Name = "Other" }, Somebody, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Refused);

        var row = await ReadAsync(portal, id);
        row.State.ShouldBe(InstanceState.MissingOnPlatform);
        row.Name.ShouldBe("One");
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("switch")]
    [InlineData("trace")]
    [InlineData("delete")]
    public async Task Change_404AndTheInstanceIsThere_IsNotCalledMissing(string change)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);
        // A proxy, or a platform that does not have the endpoint.
        portal.Platform.OnUpdate = (_, _) => FakePlatform.Refuse<PlatformInstance>(404, "Not Found");
        portal.Platform.OnSetEnabled = portal.Platform.OnTrace = portal.Platform.OnDelete = () => FakePlatform.Refuse<Done>(404, "Not Found");

        var result = change switch
        {
            "edit" => await service.EditAsync(id, new InstanceEdit { Name = "Other" }, Somebody, Token),
            "switch" => await service.SetEnabledAsync(id, false, Somebody, Token),
            "trace" => await service.SetTraceAsync(id, 15, Somebody, Token),
            _ => await service.DeleteAsync(id, "One", await portal.SignInAsync(Somebody), Token),
        };

        result.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Refused);
        (await ReadAsync(portal, id)).State.ShouldBe(InstanceState.Active);
    }

    [Theory]
    [InlineData(true, InstanceState.Active)]
    [InlineData(false, InstanceState.Disabled)]
    public async Task SetEnabledAsync_Done_IsStored(bool enabled, InstanceState expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);
        portal.Clock.Advance(TimeSpan.FromHours(1));

        (await service.SetEnabledAsync(id, enabled, Somebody, Token)).Succeeded.ShouldBeTrue();

        portal.Platform.Switched.ShouldBe([(100L, enabled)]);
        var row = await ReadAsync(portal, id);
        row.State.ShouldBe(expected);
        row.LastCheckedAt.ShouldBe(portal.Clock.GetUtcNow());
    }

    [Fact]
    public async Task SetEnabledAsync_Refused_ChangesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);
        portal.Platform.OnSetEnabled = () => FakePlatform.Refuse<Done>(409);

        (await service.SetEnabledAsync(id, false, Somebody, Token)).Succeeded.ShouldBeFalse();

        (await ReadAsync(portal, id)).State.ShouldBe(InstanceState.Active);
    }

    [Theory]
    [InlineData("")]
    [InlineData("one")]
    [InlineData("One!")]
    public async Task DeleteAsync_AnotherName_AsksThePlatformNothing(string typed)
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);

        (await service.DeleteAsync(id, typed, await portal.SignInAsync(Somebody), Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Invalid);

        portal.Platform.Deleted.ShouldBeEmpty();
    }

    [Fact]
    public async Task DeleteAsync_NameTyped_RemovesItThereAndHere()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);

        (await service.DeleteAsync(id, " One ", await portal.SignInAsync(Somebody), Token)).Succeeded.ShouldBeTrue();

        portal.Platform.Deleted.ShouldBe([100L]);
        (await service.FindAsync(id, Token)).ShouldBeNull();
        (await service.DeleteAsync(id, "One", await portal.SignInAsync(Somebody), Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    [Fact]
    public async Task DeleteAsync_PlatformDoesNotKnowIt_RemovesItHere()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);
        portal.Platform.OnDelete = () => FakePlatform.Refuse<Done>(404);
        portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404);

        (await service.DeleteAsync(id, "One", await portal.SignInAsync(Somebody), Token)).Succeeded.ShouldBeTrue();

        (await service.FindAsync(id, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task DeleteAsync_Refused_KeepsIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var (id, service) = await OneAsync(portal);
        portal.Platform.OnDelete = () => FakePlatform.Refuse<Done>(403);

        (await service.DeleteAsync(id, "One", await portal.SignInAsync(Somebody), Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Refused);

        _ = (await service.FindAsync(id, Token)).ShouldNotBeNull();
    }

    private static DateTimeOffset Now(TestPortal portal) => portal.Clock.GetUtcNow();

    private static async Task<(Guid Id, InstanceService Service)> OneAsync(TestPortal portal) =>
        ((await AddAsync(portal, await portal.AddAccountAsync(), [("One", Now(portal))])).Single(), portal.Get<InstanceService>());

    private static async Task<ElementInstance> ReadAsync(TestPortal portal, Guid id)
    {
        await using var db = portal.OpenDatabase();
        return await db.Instances.AsNoTracking().SingleAsync(row => row.Id == id, Token);
    }

    private static async Task<List<Guid>> AddAsync(
        TestPortal portal, Guid account, IEnumerable<(string Name, DateTimeOffset CreatedAt)> rows, Action<ElementInstance, int>? change = null, long firstId = 100)
    {
        await using var db = portal.OpenDatabase();
        var ids = new List<Guid>();
        foreach (var (name, createdAt) in rows)
        {
            var id = Guid.NewGuid();
            var platformId = firstId + ids.Count;
            var row = new ElementInstance
            {
                Id = id,
                PlatformAccountId = account,
                PlatformId = platformId,
                ElementKey = ElementKey.Rest,
                Name = name,
                Tags = ["docs"],
                PortalTag = $"portal:{platformId}",
                Token = portal.Secrets.Seal(SecretKind.InstanceToken, id, $"token-{platformId}"),
                State = InstanceState.Active,
                CreatedAt = createdAt,
                LastCheckedAt = createdAt,
            };
            change?.Invoke(row, ids.Count);
            db.Instances.Add(row);
            ids.Add(id);
        }

        _ = await db.SaveChangesAsync(Token);
        return ids;
    }
}
