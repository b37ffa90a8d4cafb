using System.Diagnostics;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class AttemptListServiceTests
{
    private static readonly Guid Ada = Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0");

    [Fact]
    public async Task ListAsync_Groups_HoldEachStateOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        foreach (var state in Enum.GetValues<AttemptState>()) await AddAsync(portal, state, state.ToString());

        (await NamesAsync(portal, AttemptGroup.Open)).ShouldBe(
            ["Draft", "AwaitingConsent", "CodeReceived", "AwaitingDecision", "Provisioning", "Ambiguous"], ignoreOrder: true);
        (await NamesAsync(portal, AttemptGroup.Ended)).ShouldBe(["Denied", "Expired", "Failed"], ignoreOrder: true);
        (await NamesAsync(portal, AttemptGroup.Created)).ShouldBe(["Active"]);
        (await NamesAsync(portal, AttemptGroup.All)).Count.ShouldBe(Enum.GetValues<AttemptState>().Length);
        (await portal.Get<AttemptListService>().CountAsync(Token)).ShouldBe(new AttemptCounts(6, 3, 1));
    }

    [Fact]
    public async Task ListAsync_Pages_GoThereAndBackWithoutGapsEvenWithEqualTimes()
    {
        await using var portal = await TestPortal.StartAsync();
        for (var number = 0; number < 11; number++)
        {
            if (number % 3 == 0) portal.Clock.Advance(TimeSpan.FromSeconds(1));
            await AddAsync(portal, AttemptState.Draft, $"Name {number}");
        }

        var list = portal.Get<AttemptListService>();
        var all = (await list.ListAsync(new AttemptListQuery { PageSize = 50 }, Token)).Lines.Select(line => line.Id).ToList();
        all.Count.ShouldBe(11);

        var query = new AttemptListQuery { PageSize = 4 };
        var first = await list.ListAsync(query, Token);
        var second = await list.ListAsync(query with { After = AttemptEdge.TryRead(first.Lines[^1].Edge.Write()) }, Token);
        var third = await list.ListAsync(query with { After = second.Lines[^1].Edge }, Token);
        var back = await list.ListAsync(query with { Before = third.Lines[0].Edge }, Token);

        first.Lines.Concat(second.Lines).Concat(third.Lines).Select(line => line.Id).ShouldBe(all);
        (first.HasNewer, first.HasOlder, second.HasNewer, second.HasOlder, third.HasNewer, third.HasOlder).ShouldBe((false, true, true, true, true, false));
        back.Lines.Select(line => line.Id).ShouldBe(second.Lines.Select(line => line.Id));
        (back.HasNewer, back.HasOlder).ShouldBe((true, true));
        (await list.ListAsync(query with { Before = first.Lines[3].Edge }, Token)).HasNewer.ShouldBeFalse();
    }

    [Theory]
    [InlineData("zur", "Listed Zürich")]
    [InlineData("  LISTED ", "Listed Zürich")]
    [InlineData("rest", "")]
    [InlineData("%", null)]
    public async Task ListAsync_Search_FindsAPartOfTheNameOrTheElementsWhereThereIsNone(string search, string? name)
    {
        await using var portal = await TestPortal.StartAsync();
        await AddAsync(portal, AttemptState.Failed, "Listed Zürich");
        await AddAsync(portal, AttemptState.Draft, "", ElementKey.Rest);

        var names = await NamesAsync(portal, AttemptGroup.All, search);

        names.ShouldBe(name is null ? [] : [name]);
    }

    [Fact]
    public async Task ListAsync_Line_SaysWhoWhereAndWhatComesNext()
    {
        await using var portal = await TestPortal.StartAsync();
        await using (var db = portal.OpenDatabase())
        {
            db.Users.Add(new PortalUser { Id = Ada, UserName = "ada@example.com", Email = "ada@example.com" });
            await db.SaveChangesAsync(Token);
        }

        var ended = await AddAsync(portal, AttemptState.Denied, "Tried", person: Ada);
        var again = (await portal.Drafts.TryAgainAsync(ended, Ada, Token)).Value;
        var instance = await portal.ConnectAsync(name: "Made");

        var lines = (await portal.Get<AttemptListService>().ListAsync(new AttemptListQuery { Group = AttemptGroup.All }, Token)).Lines;

        lines.Single(line => line.Id == ended).ShouldSatisfyAllConditions(
            line => line.PersonName.ShouldBe("ada@example.com"), line => line.AccountName.ShouldBe("Staging"), line => line.TriedAgainBy.ShouldBe(again),
            line => line.RemovedAt.ShouldBeNull(), line => line.ElementName.ShouldBe("Infusionsoft CRM"));
        lines.Single(line => line.Id == again).ShouldSatisfyAllConditions(
            line => line.RemovedAt.ShouldBe(line.ChangedAt.AddDays(30)), line => line.TriedAgainBy.ShouldBeNull());
        lines.Single(line => line.Name == "Made").InstanceId.ShouldBe(instance);
        (await portal.Get<AttemptListService>().ListDraftsAsync(Ada, 5, Token)).ShouldHaveSingleItem().Id.ShouldBe(again);
        (await portal.Get<AttemptListService>().ListDraftsAsync(Guid.NewGuid(), 5, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ListAsync_TenThousand_ArePagedByTheIndexAndSearchedInAMoment()
    {
        await using var portal = await TestPortal.StartAsync();
        var first = await AddAsync(portal, AttemptState.Active, "Seed");
        await using (var db = portal.OpenDatabase())
        {
            // Copies of one row, with times and ids of their own; three of them are open, at the far end.
            await db.Database.ExecuteSqlRawAsync(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                INSERT INTO Attempts (Id, Version, State, CreatedAt, UpdatedAt, Step, ElementKey, PlatformAccountId, Name, Tags, Configuration, SealedConfiguration, Tries, Searches, SearchedPages, SearchedInstances, Verifications)
                SELECT printf('01990000-0000-7000-8000-%012X', i), 0, CASE WHEN i <= 3 THEN 'Draft' ELSE 'Active' END, CreatedAt, UpdatedAt + i, Step, ElementKey, PlatformAccountId,
                    printf('Account %d', i), Tags, Configuration, SealedConfiguration, 0, 0, 0, 0, 0
                FROM Attempts, n WHERE Attempts.Name = 'Seed'
                """, Token);
        }

        var list = portal.Get<AttemptListService>();
        var clock = Stopwatch.StartNew();
        (await list.ListAsync(new AttemptListQuery(), Token)).Lines.Select(line => line.Name).ShouldBe(["Account 3", "Account 2", "Account 1"]);
        (await list.ListAsync(new AttemptListQuery { Group = AttemptGroup.All }, Token)).Lines.Count.ShouldBe(25);
        (await list.ListAsync(new AttemptListQuery { Group = AttemptGroup.All, Search = "account 7777" }, Token)).Lines.ShouldHaveSingleItem();
        (await list.ListAsync(new AttemptListQuery { Group = AttemptGroup.All, Search = "nobody" }, Token)).Lines.ShouldBeEmpty();
        (await list.CountAsync(Token)).Created.ShouldBe(9998);
        // Some tens of milliseconds; the bound is for a machine that is busy with other tests.
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        first.ShouldNotBe(Guid.Empty);

        await using var connection = new SqliteConnection(PortalDatabase.ConnectionString(portal.DataDirectory));
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN SELECT Id FROM Attempts WHERE UpdatedAt < 9 OR (UpdatedAt = 9 AND Id < 'x') ORDER BY UpdatedAt DESC, Id DESC LIMIT 26";
        await using var plan = await command.ExecuteReaderAsync(Token);
        List<string> steps = [];
        while (await plan.ReadAsync(Token)) steps.Add(plan.GetString(3));
        steps.ShouldHaveSingleItem().ShouldContain("COVERING INDEX IX_Attempts_ByChange");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1-2")]
    [InlineData("-1-0199f0a100007000800000000000ada0")]
    [InlineData("99999999999999999999-0199f0a100007000800000000000ada0")]
    [InlineData("9223372036854775807-0199f0a100007000800000000000ada0")]
    public void AttemptEdge_Nonsense_IsNone(string? text) => AttemptEdge.TryRead(text).ShouldBeNull();

    private static async Task<List<string>> NamesAsync(TestPortal portal, AttemptGroup group, string search = "") =>
        [.. (await portal.Get<AttemptListService>().ListAsync(new AttemptListQuery { Group = group, Search = search, PageSize = 100 }, Token)).Lines.Select(line => line.Name)];

    internal static async Task<Guid> AddAsync(TestPortal portal, AttemptState state, string name, string elementKey = ElementKey.Crm, Guid? person = null)
    {
        var id = await portal.AddDraftAsync(elementKey, "Seed");
        await using var db = portal.OpenDatabase();
        await db.Attempts.Where(attempt => attempt.Id == id).ExecuteUpdateAsync(
            row => row.SetProperty(attempt => attempt.State, state).SetProperty(attempt => attempt.Name, name).SetProperty(attempt => attempt.CreatedBy, person), Token);
        return id;
    }
}
