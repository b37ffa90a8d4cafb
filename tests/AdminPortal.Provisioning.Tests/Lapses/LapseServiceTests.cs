using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Lapses;

public sealed class LapseServiceTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(45);

    public static TheoryData<string?, long?, string?, double?, bool> Times() => new()
    {
        // The clock shows 1 March 2026, 12:00.
        { null, null, null, null, false },
        { "2026-03-01T09:00:00Z", 28_800, "2026-04-15T09:00:00Z", 8, false },
        { "2026-03-01T09:00:00Z", null, "2026-04-15T09:00:00Z", null, false },
        { null, 86_400, null, 24, false },
        { "2026-01-15T12:00:00Z", 28_800, "2026-03-01T12:00:00Z", 8, false },
        { "2026-01-15T11:59:59Z", 28_800, "2026-03-01T11:59:59Z", 8, true },
        { "2027-01-01T00:00:00Z", 1, "2027-02-15T00:00:00Z", 1 / 3600d, false },
        // What no platform means.
        { "9999-12-31T23:59:59Z", long.MaxValue, "9999-12-31T23:59:59.9999999Z", null, false },
        { null, 0, null, null, false },
        { null, -5, null, null, false },
    };

    [Theory]
    [MemberData(nameof(Times))]
    public async Task TimesOf_Known_KeepsKnownAndEstimatedApart(string? refreshedAt, long? interval, string? lapse, double? hours, bool overdue)
    {
        await using var portal = await TestPortal.StartAsync();

        var times = portal.Get<LapseService>().TimesOf(At(refreshedAt), interval);

        times.RefreshedAt.ShouldBe(At(refreshedAt));
        times.LapsesAround.ShouldBe(At(lapse));
        times.AccessTokenLifetime?.TotalHours.ShouldBe(hours!.Value, 0.0001);
        (times.AccessTokenLifetime is null).ShouldBe(hours is null);
        times.IsOverdue.ShouldBe(overdue);
        times.IsKnown.ShouldBe(refreshedAt is not null || hours is not null);
        times.Lifetime.ShouldBe(Lifetime);
    }

    [Fact]
    public async Task TimesOf_OtherLifetime_IsReckonedWith()
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:RefreshTokenLifetime"] = "180.00:00:00" });

        portal.Get<LapseService>().TimesOf(At("2026-03-01T00:00:00Z"), null).LapsesAround.ShouldBe(At("2026-08-28T00:00:00Z"));
    }

    [Theory]
    [InlineData(1, "UTC")]
    [InlineData(2, "Europe/London")]
    [InlineData(3, "America/New_York")]
    [InlineData(4, "Asia/Kathmandu")]
    // The clocks are put forward at midnight: that day begins at one.
    [InlineData(5, "America/Santiago")]
    [InlineData(6, "Africa/Cairo")]
    public async Task Calendar_RandomTimes_IsWhatCountingOneByOneGives(int seed, string zoneId)
    {
        await using var portal = await TestPortal.StartAsync();
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneId);
        var random = new Random(seed);
        var now = portal.Clock.GetUtcNow();
        // Many at the very edges of days, where mistakes are made.
        var rows = Enumerable.Range(0, 400).Select(i => random.Next(5) switch
        {
            0 => (DateTimeOffset?)null,
            1 => LocalDays.StartOf(new DateOnly(2026, 1, 1).AddDays(random.Next(300)), zone).AddTicks(random.Next(-1, 2)) - Lifetime,
            _ => now.AddDays(-100 + random.NextDouble() * 300),
        }).ToList();
        await AddAsync(portal, rows);
        var service = portal.Get<LapseService>();
        var lapses = rows.OfType<DateTimeOffset>().Select(row => row + Lifetime).ToList();

        for (var month = new DateOnly(2026, 1, 1); month < new DateOnly(2026, 12, 1); month = month.AddMonths(1))
        {
            var calendar = await service.GetMonthAsync(month.AddDays(random.Next(28)), zone, Token);

            calendar.First.ShouldBe(month);
            var expected = lapses.Select(lapse => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(lapse, zone).DateTime))
                .Where(day => (day.Year, day.Month) == (month.Year, month.Month)).GroupBy(day => day).ToDictionary(day => day.Key, day => day.Count());
            calendar.Days.OrderBy(day => day.Key).ShouldBe(expected.OrderBy(day => day.Key));
            (calendar.Overdue, calendar.Unknown, calendar.Total).ShouldBe((lapses.Count(lapse => lapse < now), rows.Count(row => row is null), rows.Count));
        }

        foreach (var day in Enumerable.Range(0, 40).Select(_ => new DateOnly(2026, 1, 1).AddDays(random.Next(300))))
        {
            var list = await service.ListDayAsync(day, zone, Token);

            list.Rows.Select(row => row.LapsesAround).ShouldBe(lapses.Where(lapse => LocalDays.DayOf(lapse, zone) == day).Order());
            list.Total.ShouldBe(list.Rows.Count);
        }

        var overdue = await service.ListOverdueAsync(Token);
        overdue.Rows.Select(row => row.LapsesAround).ShouldBe(lapses.Where(lapse => lapse < now).Order().Take(LapseService.MaxRows));
        overdue.Total.ShouldBe(lapses.Count(lapse => lapse < now));
    }

    [Fact]
    public async Task ListDayAsync_MoreThanFit_GivesTheFirstAndCountsAll()
    {
        await using var portal = await TestPortal.StartAsync();
        var now = portal.Clock.GetUtcNow();
        await AddAsync(portal, Enumerable.Range(0, LapseService.MaxRows + 7).Select(i => (DateTimeOffset?)now.AddSeconds(i)));

        var list = await portal.Get<LapseService>().ListDayAsync(DateOnly.FromDateTime((now + Lifetime).UtcDateTime), TimeZoneInfo.Utc, Token);

        (list.Rows.Count, list.Total).ShouldBe((LapseService.MaxRows, LapseService.MaxRows + 7));
        list.Rows[0].ShouldSatisfyAllConditions(row => row.Name.ShouldBe("Instance 0"), row => row.AccountName.ShouldBe("Staging"), row => row.ElementName.ShouldBe("Infusionsoft REST"));
    }

    [Theory]
    [InlineData("2026-12", "2026-12-01")]
    [InlineData("2000-01", "2000-01-01")]
    [InlineData("1999-12", null)]
    [InlineData("2200-01", null)]
    [InlineData("2026-13", null)]
    [InlineData("2026-1", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void ReadMonth_Text_IsAMonthOrNothing(string? text, string? expected) =>
        LapseAddress.ReadMonth(text)?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture).ShouldBe(expected);

    internal static async Task AddAsync(TestPortal portal, IEnumerable<DateTimeOffset?> refreshed, Func<int, string>? name = null)
    {
        var account = await portal.AddAccountAsync();
        await using var db = portal.OpenDatabase();
        var number = 0;
        foreach (var at in refreshed)
        {
            var id = Guid.NewGuid();
            db.Instances.Add(new ElementInstance
            {
                Id = id,
                PlatformAccountId = account,
                PlatformId = ++number,
                ElementKey = ElementKey.Rest,
                Name = name?.Invoke(number - 1) ?? $"Instance {number - 1}",
                Tags = [],
                Token = new Sealed("sealed-token"),
                State = InstanceState.Active,
                RefreshedAt = at,
                CreatedAt = portal.Clock.GetUtcNow(),
                LastCheckedAt = portal.Clock.GetUtcNow(),
            });
        }

        await db.SaveChangesAsync(Token);
    }

    private static DateTimeOffset? At(string? text) => text is null ? null : DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
