using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Starts that cannot succeed: each ends with one message that says what to do, and with its own exit code.</summary>
public sealed partial class StartTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("admin-portal-start-");
    private readonly int _port = ServerProcess.FreePort();

    private string DataDirectory => Path.Combine(_folder.FullName, "data");

    private string Database => Path.Combine(DataDirectory, "portal.db");

    /// <summary>A database that a start has made.</summary>
    public async ValueTask InitializeAsync()
    {
        await using var portal = Run();
        await portal.WaitForAsync(Started());
        await portal.StopAsync();
        portal.ExitCode.ShouldBe(0, portal.Output);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Start_PortInUse_NamesTheAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, _port);
        listener.Start();

        (await RefusedAsync(9)).ShouldContain(string.Create(CultureInfo.InvariantCulture, $"another program uses the port (Failed to bind to address http://127.0.0.1:{_port}"));
    }

    [Fact]
    public async Task Start_AnyTableOrIndexIsDamaged_SaysSo()
    {
        var original = await File.ReadAllBytesAsync(Database);
        var pages = Read("SELECT MIN(name), MAX(tbl_name), rootpage FROM sqlite_schema WHERE rootpage > 0 GROUP BY rootpage");
        pages.Count.ShouldBeGreaterThan(60);
        // Each start takes a second: every tenth page, and those that every sign-in reads.
        foreach (var (name, table, page) in pages.Where((row, index) => index % 10 == 0 || row.Name is "AspNetUsers" or "KeyRing" or "IX_Instances_ByName" or "StorageMark"))
        {
            var damaged = (byte[])original.Clone();
            damaged.AsSpan((int)(page - 1) * 4096, 4096).Fill(0x5A);
            await File.WriteAllBytesAsync(Database, damaged);

            var output = await RefusedAsync(6, name);
            output.ShouldContain($"The table {table} of the database is damaged", customMessage: name);
            output.ShouldContain("AdminPortal restore <file>");
        }
    }

    [Fact]
    public async Task Start_FirstPageIsDamaged_SaysSo()
    {
        await using (var stream = File.OpenWrite(Database)) stream.Write(new byte[200]);

        (await RefusedAsync(6)).ShouldContain("not a database");
    }

    [Fact]
    public async Task Start_FileIsNoDatabase_SaysSo()
    {
        await File.WriteAllTextAsync(Database, "This is a letter, and long enough for a header: " + new string('x', 5000));

        (await RefusedAsync(6)).ShouldContain("not a database");
    }

    [Fact]
    public async Task Start_DatabaseStaysLocked_SaysForWhatItWaited()
    {
        using var holder = Open();
        Execute(holder, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE StorageMark SET WrittenAt = 1");

        var output = await RefusedAsync(5, arguments: ["--wait", "1"]);

        output.ShouldContain("Waiting up to 1 seconds (--wait) for the lock on the database " + Database);
        output.ShouldContain($"(process {Environment.ProcessId})");
        output.ShouldContain("Another program holds the database.");
    }

    [Fact]
    public async Task Start_DatabaseIsUnlockedMeanwhile_Starts()
    {
        await using var portal = new StartedLocked(this);
        _ = await portal.Process.WaitForAsync(Waiting());

        portal.Unlock();

        _ = await portal.Process.WaitForAsync(Started());
        await portal.Process.StopAsync();
        portal.Process.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Start_DataDirectoryIsAFile_SaysSo()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "");

        (await RefusedAsync(4, settings: new() { ["Portal__DataDirectory"] = file })).ShouldContain("Set Portal:DataDirectory");
    }

    [Fact]
    public async Task Start_NewerDatabase_NamesTheVersion()
    {
        using (var connection = Open()) Execute(connection, "UPDATE SchemaDeclaration SET Level = 9, OldestProgramLevel = 9, Program = '9.1.0', OldestProgram = '9.0.0'");

        (await RefusedAsync(7)).ShouldContain("Start AdminPortal 9.0.0 or newer");

        var backup = await CommandAsync("rewrap");
        backup.ExitCode.ShouldBe(7, backup.Output);
        backup.Output.ShouldContain("Start AdminPortal 9.0.0 or newer");
    }

    [Theory]
    [InlineData("Portal__Backup__KeepDays", "many", "Portal:Backup:KeepDays")]
    [InlineData("Portal__DataDirectory", "relative", "Portal:DataDirectory")]
    [InlineData("ASPNETCORE_URLS", "nonsense", "nonsense")]
    public async Task Start_WrongSetting_NamesIt(string setting, string value, string named) =>
        (await RefusedAsync(3, settings: new() { [setting] = value })).ShouldContain(named);

    [Theory]
    [InlineData("--wait")]
    [InlineData("--wait=soon")]
    [InlineData("--wait=-1")]
    public async Task Start_WaitWithoutANumber_IsWrongUsage(string argument) =>
        (await RefusedAsync(2, arguments: [argument])).ShouldContain("--wait takes a whole number of seconds");

    [Fact]
    public async Task Command_DatabaseStaysLocked_SaysForWhatItWaited()
    {
        using var holder = Open();
        Execute(holder, "BEGIN IMMEDIATE");

        var run = await CommandAsync("rewrap", "--wait", "1");

        run.ExitCode.ShouldBe(5, run.Output);
        run.Output.ShouldContain("Waiting up to 1 seconds (--wait) for the lock on the database");
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private List<(string Name, string Table, long Page)> Read(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<(string, string, long)> rows = [];
        while (reader.Read()) rows.Add((reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
        return rows;
    }

    // Everything that it wrote. There is one message, no trace, and no abort.
    private async Task<string> RefusedAsync(int exitCode, string? because = null, Dictionary<string, string>? settings = null, string[]? arguments = null)
    {
        await using var portal = Run(settings, arguments);
        (await portal.WaitForExitAsync()).ShouldBe(exitCode, $"{because}\n{portal.Output}");
        portal.Output.ShouldNotContain("   at ", customMessage: because);
        portal.Output.ShouldNotContain("Unhandled exception", customMessage: because);
        if (exitCode != 2) Regex.Count(portal.Output, "The portal cannot start").ShouldBe(1, portal.Output);
        return portal.Output;
    }

    private async Task<(int ExitCode, string Output)> CommandAsync(params string[] arguments)
    {
        await using var run = Run(arguments: arguments);
        return (await run.WaitForExitAsync(), run.Output);
    }

    private ServerProcess Run(Dictionary<string, string>? settings = null, string[]? arguments = null)
    {
        Dictionary<string, string> all = new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"),
            ["Portal__PublicBaseUrl"] = "https://portal.example.com",
            ["Portal__DataDirectory"] = DataDirectory,
            ["Portal__KeyRing__AllowUnwrappedKeys"] = "true",
        };
        foreach (var (key, value) in settings ?? []) all[key] = value;
        return ServerProcess.Start(Programs.Built("AdminPortal"), arguments ?? [], all);
    }

    [GeneratedRegex("Application started")]
    private static partial Regex Started();

    [GeneratedRegex("Waiting up to")]
    private static partial Regex Waiting();

    private sealed class StartedLocked : IAsyncDisposable
    {
        private readonly SqliteConnection _holder;

        public StartedLocked(StartTests tests)
        {
            _holder = tests.Open();
            Execute(_holder, "BEGIN IMMEDIATE");
            Process = tests.Run();
        }

        public ServerProcess Process { get; }

        public void Unlock() => _holder.Dispose();

        public async ValueTask DisposeAsync()
        {
            _holder.Dispose();
            await Process.DisposeAsync();
        }
    }
}
