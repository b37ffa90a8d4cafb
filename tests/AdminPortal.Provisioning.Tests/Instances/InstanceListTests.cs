using System.Globalization;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Instances;

/// <summary>The list's queries against a plain list in memory, on random data; a seed that fails is in the message.</summary>
public sealed class InstanceListTests
{
    private static readonly string[] Words =
        ["Büro", "Müller", "muller", "École", "ACME", "acme west", "a_b", "100%", "O'Brien", "\"quoted\"", "Straße", "ÅNGSTRÖM", "x", "東京", "new customer"];

    private static readonly string[] Tags = ["north", "North", "süd", "a, b", "vip", "*", "portal"];

    /// <summary>Always walked, walked or gathered by turns, always gathered.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(InstanceListSql.Few)]
    public async Task ReadAsync_RandomQueries_GiveWhatAPlainListGives(int few)
    {
        await using var portal = await TestPortal.StartAsync();
        for (var seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed);
            var data = await FillAsync(portal, random, 150);
            await using var db = portal.OpenDatabase();
            var sql = new InstanceListSql(db, few);
            for (var round = 0; round < 300; round++)
            {
                var query = RandomQuery(random, data);
                var why = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, round {round}, few {few}: {query}");
                var expected = Expected(data, query).Select(row => row.Row.Id).ToList();
                var edges = Expected(data, query).Select(row => EdgeOf(row, query.Sort)).ToList();

                (await IdsAsync(sql, query, query.PageSize)).ShouldBe(expected.Take(query.PageSize), why);
                (await IdsAsync(sql, query with { Last = true }, query.PageSize)).ShouldBe(expected.TakeLast(query.PageSize), why);
                if (expected.Count > 0)
                {
                    var place = random.Next(expected.Count);
                    (await IdsAsync(sql, query with { After = edges[place] }, query.PageSize)).ShouldBe(expected.Skip(place + 1).Take(query.PageSize), why);
                    (await IdsAsync(sql, query with { Before = edges[place] }, query.PageSize)).ShouldBe(expected.Take(place).TakeLast(query.PageSize), why);
                }

                var count = await sql.CountAsync(query, Token);
                count.Total.ShouldBe(expected.Count, why);
                count.NeedAttention.ShouldBe(Expected(data, query).Count(row => InstanceStates.NeedAttention.Contains(row.Row.State)), why);
            }
        }
    }

    [Fact]
    public async Task ListAsync_PageByPage_EveryRowOnceForthAndBack()
    {
        await using var portal = await TestPortal.StartAsync();
        var data = await FillAsync(portal, new Random(7), 57);
        var service = portal.Get<InstanceService>();
        foreach (var sort in Enum.GetValues<InstanceSort>())
        {
            foreach (var descending in new[] { true, false })
            {
                var query = new InstanceListQuery { Sort = sort, Descending = descending, PageSize = 5 };
                var forth = new List<InstancePage> { await service.ListAsync(query, Token) };
                while (forth[^1].Next is { } next) forth.Add(await service.ListAsync(query with { After = next }, Token));
                var back = new List<InstancePage> { await service.ListAsync(query with { Last = true }, Token) };
                while (back[^1].Previous is { } previous) back.Add(await service.ListAsync(query with { Before = previous }, Token));

                var expected = Expected(data, query).Select(row => row.Row.Id).ToList();
                forth.SelectMany(page => page.Rows).Select(row => row.Id).ShouldBe(expected, $"{sort} {descending}");
                Enumerable.Reverse(back).SelectMany(page => page.Rows).Select(row => row.Id).ShouldBe(expected, $"{sort} {descending}");
                forth[0].Previous.ShouldBeNull();
                back[0].Next.ShouldBeNull();
            }
        }
    }

    [Theory]
    [InlineData(InstanceSort.Name, false)]
    [InlineData(InstanceSort.State, true)]
    [InlineData(InstanceSort.Account, false)]
    [InlineData(InstanceSort.Created, true)]
    public async Task ListAsync_RowsComeAndGoUnderneath_WhatStaysIsSeenOnce(InstanceSort sort, bool backwards)
    {
        await using var portal = await TestPortal.StartAsync();
        for (var seed = 20; seed < 26; seed++)
        {
            var random = new Random(seed);
            var data = await FillAsync(portal, random, 80);
            var service = portal.Get<InstanceService>();
            var query = new InstanceListQuery { Sort = sort, Descending = random.Next(2) == 0, PageSize = 7, Last = backwards };
            var staying = data.Rows.Select(row => row.Row.Id).ToHashSet();
            List<Guid> seen = [];

            for (var page = await service.ListAsync(query, Token); ;)
            {
                seen.AddRange(page.Rows.Select(row => row.Id));
                var edge = backwards ? page.Previous : page.Next;
                if (edge is null) break;

                // The very row at the edge goes, another one that nobody may have seen yet goes, and new ones come.
                await using (var db = portal.OpenDatabase())
                {
                    Guid[] going = [backwards ? page.Rows[0].Id : page.Rows[^1].Id, staying.ElementAt(random.Next(staying.Count))];
                    await db.Instances.Where(row => going.Contains(row.Id)).ExecuteDeleteAsync(Token);
                    staying.ExceptWith(going);
                    AddRows(portal, db, random, data.Accounts, 3);
                    await db.SaveChangesAsync(Token);
                }

                page = await service.ListAsync(query.FromTheStart() with { After = backwards ? null : edge, Before = backwards ? edge : null }, Token);
            }

            seen.Distinct().Count().ShouldBe(seen.Count, $"seed {seed}: a row was seen twice");
            staying.Except(seen).ShouldBeEmpty($"seed {seed}: a row that was there all the time was not seen");
        }
    }

    [Fact]
    public async Task ReadAsync_RowsRenamedTaggedAndDeleted_AreFoundAsTheyAreNow()
    {
        await using var portal = await TestPortal.StartAsync();
        var data = await FillAsync(portal, new Random(3), 30);
        await using (var db = portal.OpenDatabase())
        {
            var rows = await db.Instances.OrderBy(row => row.Number).ToListAsync(Token);
            rows[0].Name = "Überall";
            rows[1].Tags = ["nagelneu"];
            rows[2].AccountServer = "umgezogen.infusionsoft.com";
            db.Instances.Remove(rows[3]);
            await db.SaveChangesAsync(Token);
        }

        await using var after = portal.OpenDatabase();
        var sql = new InstanceListSql(after);
        (await IdsAsync(sql, new InstanceListQuery { Search = "uberall" }, 50)).ShouldBe([data.Rows[0].Row.Id]);
        (await IdsAsync(sql, new InstanceListQuery { Search = "NAGEL" }, 50)).ShouldBe([data.Rows[1].Row.Id]);
        (await IdsAsync(sql, new InstanceListQuery { Tag = "nagelneu" }, 50)).ShouldBe([data.Rows[1].Row.Id]);
        (await IdsAsync(sql, new InstanceListQuery { Search = "umgezogen" }, 50)).ShouldBe([data.Rows[2].Row.Id]);
        (await IdsAsync(sql, new InstanceListQuery { Search = data.Rows[3].Row.PlatformId.ToString(CultureInfo.InvariantCulture) }, 50)).ShouldBeEmpty();
        // The text index agrees with the table it is an index of; this statement throws where it does not.
        _ = await after.Database.ExecuteSqlRawAsync("""INSERT INTO "InstanceText"("InstanceText", rank) VALUES ('integrity-check', 1)""", Token);
        (await after.Database.SqlQueryRaw<int>("""SELECT COUNT(*) AS "Value" FROM "InstanceTags" """).SingleAsync(Token))
            .ShouldBe(await CountTagsAsync(after));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("1.%%%")]
    [InlineData("-1.YQ")]
    [InlineData("1.YQ.YQ")]
    [InlineData("99999999999999999999.YQ")]
    [InlineData("1._w")]
    [InlineData("")]
    public void InstanceEdge_MadeUp_IsNoPlace(string text) => InstanceEdge.TryRead(text).ShouldBeNull();

    [Theory]
    [InlineData("", 0)]
    [InlineData("müller & söhne\n東京", 12)]
    public void InstanceEdge_Written_IsRead(string key, long number) => InstanceEdge.TryRead(new InstanceEdge(key, number).Write()).ShouldBe(new InstanceEdge(key, number));

    private static async Task<int> CountTagsAsync(PortalDb db) =>
        (await db.Instances.Select(row => row.Tags).ToListAsync(Token)).Sum(tags => tags.Distinct(StringComparer.Ordinal).Count());

    private static async Task<List<Guid>> IdsAsync(InstanceListSql sql, InstanceListQuery query, int limit) =>
        [.. (await sql.ReadAsync(query, limit, Token)).Select(pair => pair.Row.Id)];

    private static InstanceEdge EdgeOf((ElementInstance Row, string Account) row, InstanceSort sort) => new(
        sort switch
        {
            InstanceSort.Name => row.Row.NameKey,
            InstanceSort.Element => row.Row.ElementKey,
            InstanceSort.Server => row.Row.ServerKey,
            InstanceSort.State => row.Row.State.ToString(),
            InstanceSort.Account => row.Account,
            InstanceSort.Checked => row.Row.LastCheckedAt.UtcTicks.ToString(CultureInfo.InvariantCulture),
            _ => row.Row.CreatedAt.UtcTicks.ToString(CultureInfo.InvariantCulture),
        },
        row.Row.Number);

    private static List<(ElementInstance Row, string Account)> Expected(Data data, InstanceListQuery query)
    {
        var needle = SearchText.Fold(query.Search);
        var matching = data.Rows.Where(pair =>
            (needle.Length == 0
                || pair.Row.Tags.Append(pair.Row.Name).Append(pair.Row.AccountServer ?? "").Append(pair.Row.PlatformId.ToString(CultureInfo.InvariantCulture))
                    .Any(text => SearchText.Fold(text).Contains(needle, StringComparison.Ordinal)))
            && (query.ElementKey is null || pair.Row.ElementKey == query.ElementKey)
            && (query.State is null || pair.Row.State == query.State)
            && (query.PlatformAccountId is null || pair.Row.PlatformAccountId == query.PlatformAccountId)
            && (query.Tag is null || pair.Row.Tags.Contains(query.Tag))
            && (!query.NeedsAttention || pair.Row.State is InstanceState.NeedsAttention or InstanceState.MissingOnPlatform)
            && (!query.LegacyKey || pair.Row.HasLegacyKey));
        var ordered = matching.OrderBy(pair => EdgeOf(pair, query.Sort).Key, query.Sort is InstanceSort.Checked or InstanceSort.Created ? Numbers : StringComparer.Ordinal)
            .ThenBy(pair => pair.Row.Number).ToList();
        if (query.Descending) ordered.Reverse();
        return ordered;
    }

    private static Comparer<string> Numbers { get; } =
        Comparer<string>.Create((left, right) => long.Parse(left, CultureInfo.InvariantCulture).CompareTo(long.Parse(right, CultureInfo.InvariantCulture)));

    private static InstanceListQuery RandomQuery(Random random, Data data)
    {
        bool Sometimes() => random.Next(4) == 0;
        string Piece()
        {
            var word = random.Next(5) == 0 ? data.Rows[random.Next(data.Rows.Count)].Row.PlatformId.ToString(CultureInfo.InvariantCulture) : Words[random.Next(Words.Length)];
            var start = random.Next(word.Length);
            return word.Substring(start, random.Next(1, word.Length - start + 1));
        }

        return new InstanceListQuery
        {
            Search = random.Next(3) == 0 ? Piece().Trim() : "",
            ElementKey = Sometimes() ? ElementCatalog.Infusionsoft.All[random.Next(5)].Key : null,
            State = Sometimes() ? (InstanceState)random.Next(4) : null,
            PlatformAccountId = Sometimes() ? data.Accounts[random.Next(data.Accounts.Count)].Id : null,
            Tag = Sometimes() ? Tags[random.Next(Tags.Length)] : null,
            NeedsAttention = Sometimes(),
            LegacyKey = Sometimes(),
            Sort = (InstanceSort)random.Next(7),
            Descending = random.Next(2) == 0,
            PageSize = random.Next(1, 30),
        };
    }

    private static async Task<Data> FillAsync(TestPortal portal, Random random, int count)
    {
        await using var db = portal.OpenDatabase();
        await db.Instances.ExecuteDeleteAsync(Token);
        if (!await db.Accounts.AnyAsync(Token))
        {
            foreach (var name in new[] { "Production", "staging", "Ärger" }) await portal.AddAccountAsync(name, $"https://{Guid.NewGuid():N}.example.com");
        }

        var accounts = (await db.Accounts.ToListAsync(Token)).Select(account => (account.Id, account.Name)).ToList();
        AddRows(portal, db, random, accounts, count);
        await db.SaveChangesAsync(Token);
        var rows = await db.Instances.AsNoTracking().OrderBy(row => row.Number).ToListAsync(Token);
        return new Data([.. rows.Select(row => (row, accounts.Single(account => account.Id == row.PlatformAccountId).Name))], accounts);
    }

    private static void AddRows(TestPortal portal, PortalDb db, Random random, IReadOnlyList<(Guid Id, string Name)> accounts, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var name = string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Words[random.Next(Words.Length)]));
            db.Instances.Add(new ElementInstance
            {
                Id = Guid.NewGuid(),
                PlatformAccountId = accounts[random.Next(accounts.Count)].Id,
                PlatformId = random.NextInt64(1, 1_000_000_000_000),
                ElementKey = ElementCatalog.Infusionsoft.All[random.Next(5)].Key,
                Name = name,
                Tags = [.. Tags.Where(_ => random.Next(4) == 0)],
                AccountServer = random.Next(3) == 0 ? null : $"{(char)('a' + random.Next(3))}{random.Next(20)}.infusionsoft.com",
                Token = new Sealed("sealed"),
                State = (InstanceState)random.Next(4),
                HasLegacyKey = random.Next(5) == 0,
                // Few times, so that many are equal and the number has to hold the order.
                CreatedAt = portal.Clock.GetUtcNow().AddDays(-random.Next(5)),
                LastCheckedAt = portal.Clock.GetUtcNow().AddHours(-random.Next(5)),
            });
        }
    }

    private sealed record Data(IReadOnlyList<(ElementInstance Row, string Account)> Rows, IReadOnlyList<(Guid Id, string Name)> Accounts);
}
