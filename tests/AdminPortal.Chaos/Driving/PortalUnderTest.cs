using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Chaos.Driving;

/// <summary>The published portal on a data directory of its own: started, killed, started again, and in two processes at once.</summary>
public sealed class PortalUnderTest : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly int? _handles;
    private readonly string _program;
    private readonly Dictionary<string, string> _settings;
    private readonly List<PortalProcess> _others = [];
    private TimeSpan _offset;
    private TimeSpan _stoppedFor;

    private PortalUnderTest(string folder, IReadOnlyDictionary<string, string>? settings, DirectoryInfo? data, int? handles)
    {
        _data = data ?? Directory.CreateTempSubdirectory("portal-chaos-");
        _handles = handles;
        _program = Path.Combine(folder, "AdminPortal.dll");
        _settings = new Dictionary<string, string>
        {
            // A platform on loopback without TLS, which the sandbox is, is for development alone.
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = "AdminPortal.Chaos.Inside",
            ["DOTNET_STARTUP_HOOKS"] = Programs.Built("AdminPortal.Chaos.Inside", "tests"),
            ["CHAOS_KILLED_FILE"] = KilledFile,
            ["Portal__PublicBaseUrl"] = PublicAddress.AbsoluteUri.TrimEnd('/'),
            ["Portal__DataDirectory"] = _data.FullName,
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) _settings[name] = value;
    }

    /// <summary>The address that browsers and the provider know: that of the main process.</summary>
    public Uri PublicAddress { get; } = FreeAddress();

    /// <summary>The process under that address.</summary>
    public PortalProcess Main { get; private set; } = null!;

    /// <summary>Whether that process runs.</summary>
    public bool IsUp => Main is { HasExited: false };

    public string DataDirectory => _data.FullName;

    public string DatabaseFile => Path.Combine(_data.FullName, "portal.db");

    private string ResumedFile => Path.Combine(_data.FullName, "resumed");

    private string KilledFile => Path.Combine(_data.FullName, "killed");

    /// <summary>Publishes the portal where that was not done yet, and starts it.</summary>
    /// <param name="settings">Settings beside the usual ones.</param>
    /// <param name="data">Its data directory, which is deleted at the end; a new one where nothing is said.</param>
    /// <param name="handles">How many files and connections the main process may have open at once.</param>
    public static async Task<PortalUnderTest> StartAsync(IReadOnlyDictionary<string, string>? settings = null, DirectoryInfo? data = null, int? handles = null)
    {
        var portal = new PortalUnderTest(await Programs.PublishedAsync(), settings, data, handles);
        await portal.RestartAsync(TimeSpan.Zero);
        return portal;
    }

    /// <summary>Starts the main process again, after it was killed or stopped.</summary>
    /// <param name="later">How much later it is by the portal's clock.</param>
    /// <param name="killAt">At which point after its start it dies; 0: not.</param>
    public async Task RestartAsync(TimeSpan later, int killAt = 0)
    {
        if (Main is { } old)
        {
            Main = null!;
            await old.DisposeAsync();
        }

        _offset += later;
        // It is later for everybody: a lease is measured by the clock of whoever took it.
        foreach (var other in _others.Where(other => !other.HasExited)) await other.AdvanceAsync(later);
        // Only the main process is stopped at a point.
        Main = await PortalProcess.StartAsync(_program, PublicAddress, new Dictionary<string, string>(Settings(killAt)) { ["CHAOS_RESUMED_FILE"] = ResumedFile }, _handles);
    }

    /// <summary>Runs one of the program's commands with this portal's settings, and waits for its end.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var process = ServerProcess.Start(_program, arguments, Settings(0));
        return (await process.WaitForExitAsync(), process.Output);
    }

    /// <summary>Begins one of the program's commands, and kills it after a while unless it has ended by then.</summary>
    public async Task RunAndKillAsync(TimeSpan after, params string[] arguments)
    {
        await using var process = ServerProcess.Start(_program, arguments, Settings(0));
        await Task.Delay(after);
        await process.KillAsync();
    }

    /// <summary>Starts another process on the same database.</summary>
    public async Task<PortalProcess> StartAnotherAsync(TimeSpan later = default)
    {
        _offset += later;
        var another = await PortalProcess.StartAsync(_program, FreeAddress(), Settings(0));
        _others.Add(another);
        return another;
    }

    /// <summary>Ends another process.</summary>
    public async Task EndAsync(PortalProcess another)
    {
        _others.Remove(another);
        await another.DisposeAsync();
    }

    /// <summary>Moves the clock of every process that is alive, and of those that are started later.</summary>
    /// <param name="by">How far.</param>
    /// <param name="asked">The process that has to be alive; the main one unless told otherwise.</param>
    public async Task AdvanceAsync(TimeSpan by, PortalProcess? asked = null)
    {
        _offset += by;
        asked ??= Main;
        await asked.AdvanceAsync(by);
        foreach (var other in _others.Append(Main).Where(other => other != asked && !other.HasExited)) await other.AdvanceAsync(by);
    }

    /// <summary>Moves the clock of another process while the main one is stopped; the main one learns of it when it goes on.</summary>
    public async Task AdvanceWhileStoppedAsync(TimeSpan by, PortalProcess awake)
    {
        _offset += by;
        _stoppedFor += by;
        await awake.AdvanceAsync(by);
    }

    /// <summary>Lets the main process go on.</summary>
    public async Task ResumeAsync()
    {
        // Written under another name first: it is read as soon as it is there.
        await File.WriteAllTextAsync(ResumedFile + ".new", _stoppedFor.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        File.Move(ResumedFile + ".new", ResumedFile);
        _stoppedFor = TimeSpan.Zero;
        await Main.ContinueAsync();
    }

    /// <summary>Where the last kill at a point was, and forgets it; null for none.</summary>
    public string? TakeKilled()
    {
        if (!File.Exists(KilledFile)) return null;
        var text = File.ReadAllText(KilledFile);
        File.Delete(KilledFile);
        return text;
    }

    /// <summary>Adds copies of an attempt that awaits its consent; the answer is their states.</summary>
    public Task<IReadOnlyList<string>> CopyAwaitingAsync(Guid attempt, int count) => AwaitingCopies.AddAsync($"Data Source={DatabaseFile};Default Timeout=30", attempt, count);

    /// <summary>How many attempts the worker has not come to the end of.</summary>
    public async Task<long> UnderWayAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM Attempts WHERE State IN ('CodeReceived', 'Provisioning', 'Ambiguous')";
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>How many rows each table has, but for the one that "/health" writes to, and how often attempts were changed.</summary>
    public async Task<IReadOnlyDictionary<string, long>> RowsAsync()
    {
        await using var connection = await OpenAsync();
        Dictionary<string, long> rows = [];
        List<string> tables = [];
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%Search%' AND name <> 'StorageMark'";
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        }

        foreach (var table in tables)
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A table's own name.
            // A refused sign-in is recorded, whatever name was entered.
            var counted = table == "Activity" ? " WHERE \"Action\" NOT IN ('SignInRefused', 'SignInLockedOut')" : "";
            command.CommandText = $"SELECT COUNT(*) FROM \"{table}\"{counted}";
#pragma warning restore CA2100
            rows[table] = Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        }

        await using var versions = connection.CreateCommand();
        versions.CommandText = "SELECT COALESCE(SUM(Version), 0) FROM Attempts";
        rows["Attempts.Version"] = Convert.ToInt64(await versions.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        return rows;
    }

    /// <summary>What SQLite says of its file; "ok" when nothing is wrong.</summary>
    public async Task<string> IntegrityAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others) await other.DisposeAsync();
        if (Main is not null) await Main.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static Uri FreeAddress() => new($"http://127.0.0.1:{ServerProcess.FreePort()}");

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DatabaseFile, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private Dictionary<string, string> Settings(int killAt)
    {
        var settings = new Dictionary<string, string>(_settings) { ["CHAOS_CLOCK_OFFSET"] = _offset.TotalSeconds.ToString(CultureInfo.InvariantCulture) };
        if (killAt > 0) settings["CHAOS_KILL_AT"] = killAt.ToString(CultureInfo.InvariantCulture);
        return settings;
    }
}
