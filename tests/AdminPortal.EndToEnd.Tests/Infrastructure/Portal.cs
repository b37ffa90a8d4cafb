using System.Text.RegularExpressions;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>The portal as a process, with a data directory that outlives restarts.</summary>
internal sealed partial class Portal : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("admin-portal-");
    private readonly List<string> _pastOutput = [];
    private readonly Dictionary<string, string> _settings;
    private readonly int _port = ServerProcess.FreePort();
    private readonly string _program;
    private ServerProcess _process = null!;

    private Portal(string program, Sandbox sandbox, IReadOnlyDictionary<string, string>? settings)
    {
        _program = program;
        _settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_port}",
            ["Portal__PublicBaseUrl"] = Address.AbsoluteUri,
            ["Portal__DataDirectory"] = _data.FullName,
            ["Portal__OfferedAccounts__0__Name"] = "Test sandbox",
            ["Portal__OfferedAccounts__0__Description"] = "The simulated platform of this test.",
            ["Portal__OfferedAccounts__0__BaseUrl"] = sandbox.Address.AbsoluteUri,
            ["Portal__OfferedAccounts__0__OrganizationSecret"] = Sandbox.OrganizationSecret,
            ["Portal__OfferedAccounts__0__UserSecret"] = Sandbox.UserSecret,
            ["Portal__OfferedAccounts__0__SignInHosts__0"] = sandbox.Address.Host,
            // The servers of these tests are made up, and tests need no internet.
            ["Portal__Preflight__LookUpNames"] = "false",
            // Walks on a shared portal come long after its only sign-in.
            ["Portal__Sessions__ConfirmationLifetime"] = "01:00:00",
            // Everything that any log level could give away.
            ["Logging__LogLevel__Default"] = "Debug",
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string>()) _settings[key] = value;
    }

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public string DatabaseFile => Path.Combine(_data.FullName, "portal.db");

    public string DataDirectory => _data.FullName;

    /// <summary>What it has written since the first start.</summary>
    public string Output => string.Join('\n', _pastOutput.Append(_process.Output));

    /// <summary>Starts one as it is published: what people get, and it starts in half the time.</summary>
    /// <param name="sandbox">Its platform.</param>
    /// <param name="settings">Settings beside the usual ones.</param>
    /// <param name="program">Another program than the published one.</param>
    public static async Task<Portal> StartAsync(Sandbox sandbox, IReadOnlyDictionary<string, string>? settings = null, string? program = null)
    {
        var portal = new Portal(program ?? Path.Combine(await Programs.PublishedAsync(), "AdminPortal.dll"), sandbox, settings);
        await portal.StartAsync();
        return portal;
    }

    /// <summary>The one-time setup link that the console has printed.</summary>
    public async Task<string> SetupLinkAsync() => (await _process.WaitForAsync(SetupLink())).Value;

    public async Task StartAsync()
    {
        _process = ServerProcess.Start(_program, [], _settings);
        await _process.WaitForAsync(Started());
    }

    /// <summary>Starts a second process on the same data directory.</summary>
    public async Task<(ServerProcess Process, Uri Address)> StartAnotherAsync()
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var process = ServerProcess.Start(_program, [], new Dictionary<string, string>(_settings) { ["ASPNETCORE_URLS"] = address.AbsoluteUri });
        await process.WaitForAsync(Started());
        return (process, address);
    }

    /// <summary>Begins to start a process of its own with other settings beside this portal's; it may fail.</summary>
    public ServerProcess Begin(Dictionary<string, string> settings)
    {
        var all = new Dictionary<string, string>(_settings);
        foreach (var (key, value) in settings) all[key] = value;
        return ServerProcess.Start(_program, [], all);
    }

    /// <summary>Runs one of the program's commands with this portal's settings, and waits for its end.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var process = ServerProcess.Start(_program, arguments, _settings);
        return (await process.WaitForExitAsync(), process.Output);
    }

    public async Task StopAsync()
    {
        await _process.StopAsync();
        await EndAsync();
    }

    public async Task KillAsync()
    {
        await _process.KillAsync();
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [GeneratedRegex(@"http://\S+/setup\?code=\S+")]
    private static partial Regex SetupLink();

    [GeneratedRegex("Application started")]
    private static partial Regex Started();

    private async Task EndAsync()
    {
        _pastOutput.Add(_process.Output);
        await _process.DisposeAsync();
    }
}
