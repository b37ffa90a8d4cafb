using System.Text;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Lapses;

public sealed class CalendarFeedTests
{
    private static readonly Actor Ada = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "ada@example.com") { Role = Role.Administrator };

    [Fact]
    public async Task MakeAsync_Address_IsKeptAsAHashAlone()
    {
        await using var portal = await StartAsync();

        var address = (await portal.Get<CalendarFeedService>().MakeAsync(Ada, null, Token)).Value;

        address.ShouldStartWith("https://portal.example.com/lapses/");
        address.ShouldEndWith(".ics");
        var secret = SecretOf(address);
        OneTimeValue.HasForm(secret).ShouldBeTrue();
        await using var db = portal.OpenDatabase();
        (await db.CalendarFeeds.SingleAsync(Token)).SecretHash.ShouldBe(OneTimeValue.Hash(secret));
        var line = await db.Activity.SingleAsync(Token);
        (line.Action, line.PersonId, line.Subject).ShouldBe((ActivityAction.CalendarFeedMade, Ada.PersonId, "ada@example.com"));
        // Nowhere in the file, in no form.
        await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", Token);
        foreach (var file in Directory.EnumerateFiles(portal.DataDirectory))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Token);
            copy.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)).ShouldBe(-1, file);
        }
    }

    [Fact]
    public async Task MakeAsync_Again_KillsTheOldAddress()
    {
        await using var portal = await StartAsync();
        var service = portal.Get<CalendarFeedService>();
        var old = SecretOf((await service.MakeAsync(Ada, null, Token)).Value);
        (await service.ReadAsync(old, null, Token)).ShouldNotBeNull();

        var next = SecretOf((await service.MakeAsync(Ada, null, Token)).Value);

        next.ShouldNotBe(old);
        (await service.ReadAsync(old, null, Token)).ShouldBeNull();
        (await service.ReadAsync(next, null, Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task EndAsync_Address_IsDeadAndWrittenDownOnce()
    {
        await using var portal = await StartAsync();
        var service = portal.Get<CalendarFeedService>();
        var secret = SecretOf((await service.MakeAsync(Ada, null, Token)).Value);

        (await service.EndAsync(Ada, Token)).Succeeded.ShouldBeTrue();
        (await service.EndAsync(Ada, Token)).Succeeded.ShouldBeTrue();

        (await service.ReadAsync(secret, null, Token)).ShouldBeNull();
        (await service.FindAsync(Ada, Token)).ShouldBeNull();
        await using var db = portal.OpenDatabase();
        (await db.Activity.OrderBy(line => line.Id).Select(line => line.Action).ToListAsync(Token)).ShouldBe([ActivityAction.CalendarFeedMade, ActivityAction.CalendarFeedEnded]);
    }

    [Fact]
    public async Task ReadAsync_OfAPersonWhoIsGone_IsDead()
    {
        await using var portal = await StartAsync();
        var service = portal.Get<CalendarFeedService>();
        var secret = SecretOf((await service.MakeAsync(Ada, null, Token)).Value);
        await using var db = portal.OpenDatabase();
        await db.Users.ExecuteDeleteAsync(Token);

        (await service.ReadAsync(secret, null, Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("' OR 1=1 --")]
    public async Task ReadAsync_UnknownSecret_OpensNothing(string? secret)
    {
        await using var portal = await StartAsync();
        _ = await portal.Get<CalendarFeedService>().MakeAsync(Ada, null, Token);

        (await portal.Get<CalendarFeedService>().ReadAsync(secret, null, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task MakeAsync_WithoutAPerson_IsAProblem()
    {
        await using var portal = await StartAsync();

        (await portal.Get<CalendarFeedService>().MakeAsync(Actor.Portal, null, Token)).Succeeded.ShouldBeFalse();
    }

    [Fact]
    public async Task ReadAsync_Often_NotesTheTimeOnceAnHour()
    {
        await using var portal = await StartAsync();
        var service = portal.Get<CalendarFeedService>();
        var secret = SecretOf((await service.MakeAsync(Ada, null, Token)).Value);
        var start = portal.Clock.GetUtcNow();

        _ = await service.ReadAsync(secret, null, Token);
        portal.Clock.Advance(TimeSpan.FromMinutes(59));
        _ = await service.ReadAsync(secret, null, Token);
        (await service.FindAsync(Ada, Token))!.LastReadAt.ShouldBe(start);
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        _ = await service.ReadAsync(secret, null, Token);
        (await service.FindAsync(Ada, Token))!.LastReadAt.ShouldBe(start.AddHours(1));
    }

    [Fact]
    public async Task ReadAsync_Lapses_AreOneEventForEachDay()
    {
        await using var portal = await StartAsync();
        var now = portal.Clock.GetUtcNow();
        // Two overdue, one today, 25 in ten days, one behind the end of the calendar, one unknown.
        var refreshed = new List<DateTimeOffset?> { now.AddDays(-90), now.AddDays(-47), now.AddDays(-45).AddHours(1), now.AddDays(400 - 45 + 1), null };
        refreshed.AddRange(Enumerable.Range(0, 25).Select(i => (DateTimeOffset?)now.AddDays(-35).AddSeconds(i)));
        string[] names = ["Comma, semicolon; and \\ back", "Line\r\nbreak", "Today's"];
        await LapseServiceTests.AddAsync(portal, refreshed, i => i < names.Length ? names[i] : $"Instance {i:00}");

        var events = Events(await ReadAsync(portal, null));

        events.Select(one => one["DTSTART;VALUE=DATE"]).ShouldBe(["20260301", "20260311"]);
        events.Select(one => one["DTEND;VALUE=DATE"]).ShouldBe(["20260302", "20260312"]);
        events.Select(one => one["SUMMARY"]).ShouldBe(["3 instances may lapse", "25 instances may lapse"]);
        events.Select(one => one["UID"]).ShouldBe(["lapses-20260301@portal.example.com", "lapses-20260311@portal.example.com"]);
        events.ShouldAllBe(one => one["DTSTAMP"] == "20260301T120000Z");
        events[0]["URL"].ShouldBe("https://portal.example.com/lapses?month=2026-03&day=2026-03-01");
        var today = events[0]["DESCRIPTION"].Split('\n');
        today[..3].ShouldBe(["Comma, semicolon; and \\ back", "Line break", "Today's"]);
        today.ShouldContain("2 of them should have lapsed before today.");
        today[^1].ShouldBe(events[0]["URL"]);
        var later = events[1]["DESCRIPTION"].Split('\n');
        later[..CalendarFeedService.MaxNames].ShouldBe(Enumerable.Range(5, 20).Select(i => $"Instance {i:00}"));
        later[CalendarFeedService.MaxNames].ShouldBe("and 5 more");
    }

    [Theory]
    [InlineData(null, "20260415")]
    [InlineData("No/Such_Zone", "20260415")]
    [InlineData("../etc/passwd", "20260415")]
    [InlineData("Pacific/Auckland", "20260416")]
    public async Task ReadAsync_Zone_DecidesTheDay(string? zone, string day)
    {
        await using var portal = await StartAsync();
        await LapseServiceTests.AddAsync(portal, [portal.Clock.GetUtcNow()]);

        Events(await ReadAsync(portal, zone)).ShouldHaveSingleItem()["DTSTART;VALUE=DATE"].ShouldBe(day);
    }

    [Fact]
    public async Task ReadAsync_LongAndWideNames_AreFoldedWithinTheOctets()
    {
        await using var portal = await StartAsync();
        var now = portal.Clock.GetUtcNow();
        string[] names = [string.Concat(Enumerable.Repeat("😀", 120)), new string('ß', 255), new string(',', 200), new string('x', 74), "tab\tend\u2028line"];
        await LapseServiceTests.AddAsync(portal, names.Select(_ => (DateTimeOffset?)now), i => names[i]);

        var calendar = await ReadAsync(portal, null);

        calendar.ShouldEndWith("END:VCALENDAR\r\n");
        calendar.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain("\n");
        calendar.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain("\r");
        foreach (var line in calendar.Split("\r\n")) Encoding.UTF8.GetByteCount(line).ShouldBeLessThanOrEqualTo(75, line);
        // Folded and read again, it is what it was; no character was cut in two.
        Events(calendar)[0]["DESCRIPTION"].Split('\n')[..5].ShouldBe([.. names[..4], "tab end line"]);
    }

    [Fact]
    public void Escape_RandomTexts_ReadBack()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => ",;\\n\nNab:é"[random.Next(10)]));
            var escaped = IcsCalendar.Escape(text);

            escaped.ShouldNotContain("\n");
            Unescape(escaped).ShouldBe(text);
        }
    }

    private static async Task<TestPortal> StartAsync()
    {
        var portal = await TestPortal.StartAsync();
        await using var db = portal.OpenDatabase();
        db.Users.Add(new PortalUser { Id = Ada.PersonId!.Value, UserName = Ada.Name, Email = Ada.Name });
        await db.SaveChangesAsync(Token);
        return portal;
    }

    private static async Task<string> ReadAsync(TestPortal portal, string? zone)
    {
        var service = portal.Get<CalendarFeedService>();
        return (await service.ReadAsync(SecretOf((await service.MakeAsync(Ada, zone, Token)).Value), zone, Token)).ShouldNotBeNull();
    }

    private static string SecretOf(string address) => new Uri(address).Segments[^1].Replace(".ics", "", StringComparison.Ordinal);

    /// <summary>The events of a calendar: a small reader of its own, after RFC 5545.</summary>
    private static List<Dictionary<string, string>> Events(string calendar)
    {
        var lines = calendar.Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe("BEGIN:VCALENDAR");
        lines.ShouldContain("VERSION:2.0");
        lines.Count(line => line.StartsWith("PRODID:", StringComparison.Ordinal)).ShouldBe(1);
        var events = new List<Dictionary<string, string>>();
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..]);
            if (line == "BEGIN:VEVENT") events.Add([]);
            else if (events.Count > 0 && name is not ("END" or "BEGIN")) events[^1].Add(name, name == "URL" ? value : Unescape(value));
        }

        return events;
    }

    private static string Unescape(string value)
    {
        var text = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\')
            {
                value[i].ShouldNotBe(',');
                value[i].ShouldNotBe(';');
                text.Append(value[i]);
                continue;
            }

            i++;
            text.Append(value[i] is 'n' or 'N' ? '\n' : value[i]);
        }

        return text.ToString();
    }
}
