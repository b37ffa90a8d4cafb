using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Maintenance;

/// <summary>The clock of these tests begins on 1 March 2026 at noon.</summary>
public sealed class NightlyBackupsTests
{
    [Fact]
    public async Task Run_NoDirectory_MakesNone()
    {
        await using var portal = await TestPortal.StartAsync();

        (await portal.Get<NightlyBackups>().RunAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Run_EveryNight_MakesOneAndKeepsItForSoManyDays()
    {
        using var folder = new TemporaryFolder();
        var directory = Path.Combine(folder.Path, "backups");
        await using var portal = await StartAsync(directory, keepDays: 3);
        var backups = portal.Get<NightlyBackups>();

        // The first is made at once: there is none of last night.
        (await backups.RunAsync(Token)).ShouldBe(new DateTimeOffset(2026, 3, 2, 2, 30, 0, TimeSpan.Zero));
        Names(directory).ShouldBe(["portal-20260301-023000.db"]);
        (await backups.RunAsync(Token)).ShouldBe(new DateTimeOffset(2026, 3, 2, 2, 30, 0, TimeSpan.Zero));
        Names(directory).Count.ShouldBe(1);

        await File.WriteAllTextAsync(Path.Combine(directory, "portal-mine.db"), "not the portal's", Token);
        for (var night = 0; night < 5; night++)
        {
            portal.Clock.Advance(TimeSpan.FromDays(1));
            _ = await backups.RunAsync(Token);
        }

        Names(directory).ShouldBe(["portal-20260304-023000.db", "portal-20260305-023000.db", "portal-20260306-023000.db", "portal-mine.db"]);
        RawDatabase.Run(Path.Combine(directory, "portal-20260306-023000.db"), "PRAGMA integrity_check").ShouldBe("ok");
    }

    [Fact]
    public async Task Run_TwoPortals_MakeOneBackup()
    {
        using var folder = new TemporaryFolder();
        await using var portal = await StartAsync(folder.Path);
        await using var other = portal.Another(settings: Settings(folder.Path));

        _ = await Task.WhenAll(Task.Run(() => portal.Get<NightlyBackups>().RunAsync(Token)), Task.Run(() => other.Get<NightlyBackups>().RunAsync(Token)));

        Names(folder.Path).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Run_Fails_IsTriedAgainInAnHourAndRemovesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var portal = await StartAsync(folder.Path);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "portal-20200101-023000.db"), "old", Token);
        RawDatabase.Release(portal.DataDirectory);
        File.Move(RawDatabase.FileOf(portal.DataDirectory), RawDatabase.FileOf(portal.DataDirectory) + ".away");

        (await portal.Get<NightlyBackups>().RunAsync(Token)).ShouldBe(portal.Clock.GetUtcNow() + NightlyBackups.RetryAfter);

        Names(folder.Path).ShouldBe(["portal-20200101-023000.db"]);
        File.Move(RawDatabase.FileOf(portal.DataDirectory) + ".away", RawDatabase.FileOf(portal.DataDirectory));
        _ = await portal.Get<NightlyBackups>().RunAsync(Token);
        Names(folder.Path).ShouldBe(["portal-20260301-023000.db"]);
    }

    [Fact]
    public async Task Run_ClockGoesBack_MakesNoSecondOneOfANightThatHasOne()
    {
        using var folder = new TemporaryFolder();
        await using var portal = await StartAsync(folder.Path);
        _ = await portal.Get<NightlyBackups>().RunAsync(Token);

        portal.Clock.AdjustTime(portal.Clock.GetUtcNow() - TimeSpan.FromHours(1));
        _ = await portal.Get<NightlyBackups>().RunAsync(Token);

        Names(folder.Path).ShouldHaveSingleItem();
    }

    private static Task<TestPortal> StartAsync(string directory, int keepDays = 14) => TestPortal.StartAsync(settings: Settings(directory, keepDays));

    private static Dictionary<string, string?> Settings(string directory, int keepDays = 14) => new()
    {
        ["Portal:Backup:Directory"] = directory,
        ["Portal:Backup:KeepDays"] = keepDays.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["Portal:Backup:At"] = "02:30",
    };

    private static List<string> Names(string directory) =>
        [.. Directory.GetFiles(directory, "*.db").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
