using System.Diagnostics;
using System.Globalization;
using AdminPortal.Chaos.Driving;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Chaos.Trouble;

/// <summary>
/// <c>AdminPortal restore</c> is killed at random moments. Whatever is in the database's place afterwards is whole: the former
/// database or the backup, and the portal starts on it.
/// </summary>
public sealed class RestoreRun(int kills, int seed, TextWriter log)
{
    // Told apart by a number that SQLite keeps for whoever wants it.
    private const long Backup = 1;
    private const long Former = 2;

    public async Task<RestoreResult> RunAsync()
    {
        var random = new Random(seed);
        List<string> violations = [];
        await using var portal = await PortalUnderTest.StartAsync();
        using (var browser = new Browser()) await browser.SetUpAsync(portal.Main);
        await portal.Main.StopAsync();
        await SetVersionAsync(portal, Backup);
        var backup = Path.Combine(portal.DataDirectory, "kept.db");
        if (await portal.RunAsync("backup", backup) is { ExitCode: not 0 } failed) throw new InvalidOperationException(failed.Output);
        await SetVersionAsync(portal, Former);

        var whole = Stopwatch.StartNew();
        if (await portal.RunAsync("restore", backup, "--yes") is { ExitCode: not 0 } refused) throw new InvalidOperationException(refused.Output);
        whole.Stop();
        if (await VersionAsync(portal) != Backup) violations.Add("A restore that was left alone did not restore.");

        var restored = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            await SetVersionAsync(portal, Former);
            // The first half of the time is the program's start.
            await portal.RunAndKillAsync(whole.Elapsed * (0.4 + (0.7 * random.NextDouble())), "restore", backup, "--yes");
            if (await portal.IntegrityAsync() is var integrity and not "ok") violations.Add($"Kill {kill}: {integrity}");
            switch (await VersionAsync(portal))
            {
                case Backup:
                    restored++;
                    break;
                case Former:
                    break;
                case var other:
                    violations.Add(string.Create(CultureInfo.InvariantCulture, $"Kill {kill}: the database is neither the former one nor the backup ({other})."));
                    break;
            }

            if (kill % 10 == 0) await log.WriteLineAsync($"{kill} kills, {violations.Count} broken promises");
        }

        // What a killed one has left is in nobody's way, and the administrator is still there.
        if (await portal.RunAsync("restore", backup, "--yes") is { ExitCode: not 0 } last) violations.Add(last.Output);
        if (await portal.RunAsync("doctor", "--offline") is { ExitCode: not 0 } doctor) violations.Add(doctor.Output);
        if (File.Exists(Path.Combine(portal.DataDirectory, "portal.db.restoring"))) violations.Add("A copy was left behind.");
        await portal.RestartAsync(TimeSpan.Zero);
        return new RestoreResult(kills, restored, violations);
    }

    private static async Task SetVersionAsync(PortalUnderTest portal, long version) =>
        _ = await AskAsync(portal, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"));

    private static async Task<long> VersionAsync(PortalUnderTest portal) => Convert.ToInt64(await AskAsync(portal, "PRAGMA user_version"), CultureInfo.InvariantCulture);

    private static async Task<object?> AskAsync(PortalUnderTest portal, string pragma)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = portal.DatabaseFile, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A pragma takes no parameters; the number is this class's own.
        command.CommandText = pragma;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}

/// <summary>What came of it.</summary>
public sealed record RestoreResult(int Kills, int Restored, IReadOnlyList<string> Violations)
{
    public override string ToString() => $"{Kills} restores killed, {Restored} of them had restored by then; {Violations.Count} broken promises";
}
