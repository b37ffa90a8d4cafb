using Microsoft.Data.Sqlite;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Backups that are killed while they write: what they leave is in one directory, in the clear only where the backup is, and removed by the next one.</summary>
[Trait(Suite.Name, Suite.All)]
public sealed class BackupKillTests : IAsyncLifetime
{
    private const string Passphrase = "correct horse battery staple";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("admin-portal-killed-");

    private string Data => Path.Combine(_folder.FullName, "data");

    private string Temporary => Path.Combine(Data, "tmp");

    private string Backups => Path.Combine(_folder.FullName, "backups");

    private string PassphraseFile => Path.Combine(_folder.FullName, "passphrase");

    /// <summary>A database that takes a while to copy.</summary>
    public async ValueTask InitializeAsync()
    {
        _ = Directory.CreateDirectory(Backups);
        await File.WriteAllTextAsync(PassphraseFile, Passphrase);
        await using var portal = Run();
        _ = await portal.WaitForAsync(new("Application started"));
        await portal.StopAsync();
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(Data, "portal.db"), Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText =
            "CREATE TABLE Bulk (Data BLOB); WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 60) INSERT INTO Bulk SELECT randomblob(1000000) FROM number";
        _ = await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Backup_IsKilledWhileItWrites_LeavesNothingElsewhereAndTheNextOneCleansUp(bool isEncrypted)
    {
        string[] arguments = isEncrypted ? ["--passphrase-file", PassphraseFile] : [];
        var target = Path.Combine(Backups, "backup");
        for (var kill = 0; kill < 3; kill++)
        {
            // Each kill comes at the file's next growth.
            await KillAsync(target, arguments, grownTimes: 1 + (kill * 3));

            Directory.GetFileSystemEntries(Backups).ShouldBeEmpty();
            if (isEncrypted) Others().Where(IsInTheClear).ShouldBeEmpty();
        }

        var leftovers = Others().Where(file => file.EndsWith(".partial", StringComparison.Ordinal)).ToList();
        leftovers.Count.ShouldBe(1, "Each backup removes what the one before has left.");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(Temporary).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var doctor = await RunAsync("doctor", "--offline");
        // SQLite's own journal may be beside an unfinished copy.
        doctor.Output.ShouldContain("were left by a process that was killed");
        doctor.Output.ShouldContain(leftovers[0]);

        var made = await RunAsync(["backup", target, .. arguments]);

        made.ExitCode.ShouldBe(0, made.Output);
        Directory.GetFileSystemEntries(Backups).ShouldBe([target, target + ".anchor"], ignoreOrder: true);
        Directory.GetFileSystemEntries(Temporary).ShouldBeEmpty();
        IsInTheClear(target).ShouldBe(!isEncrypted);
    }

    [Fact]
    public async Task Start_AfterAKilledBackup_CleansUp()
    {
        await KillAsync(Path.Combine(Backups, "backup"), [], grownTimes: 1);
        Directory.GetFileSystemEntries(Temporary).ShouldNotBeEmpty();

        await using var portal = Run();
        _ = await portal.WaitForAsync(new("Application started"));
        await portal.StopAsync();

        Directory.GetFileSystemEntries(Temporary).ShouldBeEmpty();
        portal.Output.ShouldContain("temporary files of a process that was killed were removed");
    }

    private static bool IsInTheClear(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var begin = new byte[16];
        return stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length && begin.AsSpan().StartsWith("SQLite format 3"u8);
    }

    // Everything but the database itself, its log and its locks.
    private List<string> Others() =>
        [.. Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith("portal.", StringComparison.Ordinal) && file != PassphraseFile)];

    private async Task KillAsync(string target, string[] arguments, int grownTimes)
    {
        _ = Directory.CreateDirectory(Temporary);
        var grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var times = 0;
        using var watcher = new FileSystemWatcher(_folder.FullName) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.Size | NotifyFilters.FileName | NotifyFilters.LastWrite };
        watcher.Changed += (_, change) =>
        {
            if (change.FullPath.EndsWith(".partial", StringComparison.Ordinal) && Interlocked.Increment(ref times) >= grownTimes) _ = grown.TrySetResult();
        };
        watcher.EnableRaisingEvents = true;
        await using var backup = Run(["backup", target, .. arguments]);
        var ended = backup.WaitForExitAsync();
        _ = await Task.WhenAny(grown.Task, ended);
        ended.IsCompleted.ShouldBeFalse(backup.Output);
        await backup.KillAsync();
    }

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var run = Run(arguments);
        return (await run.WaitForExitAsync(), run.Output);
    }

    private ServerProcess Run(params string[] arguments) => ServerProcess.Start(Programs.Built("AdminPortal"), arguments, new Dictionary<string, string>
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["Portal__PublicBaseUrl"] = "https://portal.example.com",
        ["Portal__DataDirectory"] = Data,
        ["Portal__KeyRing__AllowUnwrappedKeys"] = "true",
    });
}
