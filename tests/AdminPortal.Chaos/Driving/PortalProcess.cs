using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AdminPortal.Chaos.Driving;

/// <summary>One process of the published portal, and the driver's way into it.</summary>
public sealed partial class PortalProcess : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly ServerProcess _process;
    private readonly HttpClient _driver;

    private PortalProcess(ServerProcess process, Uri address)
    {
        _process = process;
        Address = address;
        _driver = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Where it listens; browsers know it under <see cref="PortalUnderTest.PublicAddress"/>.</summary>
    public Uri Address { get; }

    /// <summary>The operating system's number for it.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => _process.Output;

    internal static async Task<PortalProcess> StartAsync(string program, Uri address, IReadOnlyDictionary<string, string> settings, int? handles = null)
    {
        var process = ServerProcess.Start(program, [], new Dictionary<string, string>(settings) { ["ASPNETCORE_URLS"] = address.AbsoluteUri }, handles);
        var portal = new PortalProcess(process, address);
        try
        {
            await process.WaitForAsync(Started());
            return portal;
        }
        catch
        {
            await portal.DisposeAsync();
            throw;
        }
    }

    /// <summary>The path and query of the one-time setup link that it has printed.</summary>
    public async Task<string> SetupLinkAsync() => (await _process.WaitForAsync(SetupLink())).Groups[1].Value;

    public Task StopAsync() => _process.StopAsync();

    public Task KillAsync() => _process.KillAsync();

    /// <summary>Waits until it has ended, by itself or killed.</summary>
    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    /// <summary>Creates the sandbox's platform account, or finds it.</summary>
    public Task<Guid> AccountAsync(SandboxUnderTest sandbox) => AccountAsync(sandbox, sandbox.Address, "Chaos");

    /// <summary>Creates a platform account with the sandbox's secrets and sign-in under an address that may be another, or moves one there.</summary>
    public async Task<Guid> AccountAsync(SandboxUnderTest sandbox, Uri address, string name, Guid? moved = null) => (await PostAsync("account", new
    {
        Id = moved, Name = name, BaseUrl = address.AbsoluteUri, SandboxUnderTest.OrganizationSecret, SandboxUnderTest.UserSecret, SignInHosts = sandbox.Address.Host,
    })).GetProperty("id").GetGuid();

    /// <summary>Creates the provider app, or finds it.</summary>
    public async Task<Guid> AppAsync() => (await PostAsync("app", new { Name = "Chaos", ClientId = "chaos-client", ClientSecret = "chaos-client-secret" })).GetProperty("id").GetGuid();

    /// <summary>Makes a filled-in draft, or goes on with the one of that name.</summary>
    public async Task<Guid> DraftAsync(string name, Guid account, Guid app, string element = "infusionsoftrest", IReadOnlyDictionary<string, string>? values = null) =>
        (await PostAsync("draft", new { name, elementKey = element, accountId = account, appId = app, values = values ?? new Dictionary<string, string>() })).GetProperty("id").GetGuid();

    /// <summary>Begins to authorize an instance anew, or goes on with that.</summary>
    public async Task<Guid> ReauthenticateAsync(Guid instance) => (await PostAsync($"instances/{instance}/reauthenticate", new { })).GetProperty("id").GetGuid();

    /// <summary>What the review's "Authorize" does.</summary>
    /// <returns>What stood in the way; empty for nothing.</returns>
    public async Task<IReadOnlyList<string>> AuthorizeAsync(Guid attempt) =>
        [.. (await PostAsync($"attempts/{attempt}/authorize", new { })).GetProperty("failed").EnumerateArray().Select(line => line.GetString()!)];

    /// <summary>What the pre-flight says.</summary>
    /// <returns>What stood in the way; empty for nothing.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(Guid attempt) =>
        [.. (await PostAsync($"attempts/{attempt}/check", new { })).GetProperty("failed").EnumerateArray().Select(line => line.GetString()!)];

    /// <summary>Goes on with a consent for another account, or does not.</summary>
    public async Task DecideAsync(Guid attempt, bool accept) => await PostAsync($"attempts/{attempt}/decide?accept={(accept ? "true" : "false")}", new { });

    public async Task<AttemptReport> AttemptAsync(Guid attempt) => (await _driver.GetFromJsonAsync<AttemptReport>($"/chaos/attempts/{attempt}", Json))!;

    /// <summary>The attempts of a name.</summary>
    public async Task<IReadOnlyList<Guid>> AttemptsAsync(string name) =>
        [.. (await _driver.GetFromJsonAsync<JsonElement>($"/chaos/attempts?name={Uri.EscapeDataString(name)}")).EnumerateArray().Select(row => row.GetProperty("id").GetGuid())];

    /// <summary>The SHA-256 of a stored token, opened inside; null when there is no such instance.</summary>
    public async Task<string?> TokenHashAsync(Guid instance)
    {
        using var answer = await _driver.GetAsync($"/chaos/instances/{instance}/token");
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("sha256").GetString();
    }

    /// <summary>Counts points from here on, and dies at the given one; 0: only counts.</summary>
    public async Task ArmAsync(int killAt = 0) => await PostAsync(string.Create(CultureInfo.InvariantCulture, $"arm?at={killAt}"), new { });

    /// <summary>Counts points from here on, and stops at the given one until <see cref="PortalUnderTest.ResumeAsync"/>.</summary>
    public async Task ArmStopAsync(int stopAt) => await PostAsync(string.Create(CultureInfo.InvariantCulture, $"stop?at={stopAt}"), new { });

    /// <summary>Whether every thread of the process stands still (SIGSTOP).</summary>
    public bool IsStopped => File.ReadAllText($"/proc/{Id}/stat") is var stat && stat[(stat.LastIndexOf(')') + 2)..].StartsWith('T');

    /// <summary>Lets a stopped process go on (SIGCONT).</summary>
    public async Task ContinueAsync()
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-CONT", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async Task DisarmAsync() => await PostAsync("disarm", new { });

    /// <summary>The points since it was armed.</summary>
    public async Task<IReadOnlyList<string>> PointsAsync() => (await _driver.GetFromJsonAsync<List<string>>("/chaos/points"))!;

    /// <summary>Moves this process's clock forward; timers that become due fire.</summary>
    public async Task AdvanceAsync(TimeSpan by) => await PostAsync(string.Create(CultureInfo.InvariantCulture, $"clock?seconds={by.TotalSeconds}"), new { });

    /// <summary>From here on the portal gives an answer of the platform up after so long; null: after its own time again.</summary>
    public async Task GiveUpAfterAsync(TimeSpan? limit) => await PostAsync(string.Create(CultureInfo.InvariantCulture, $"limit?seconds={limit?.TotalSeconds ?? 0}"), new { });

    /// <summary>What the process holds, after a full collection unless told otherwise.</summary>
    public async Task<Holdings> HoldingsAsync(bool collect = true) => (await _driver.GetFromJsonAsync<Holdings>($"/chaos/process?collect={(collect ? 1 : 0)}", Json))!;

    public async ValueTask DisposeAsync()
    {
        _driver.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await _driver.PostAsJsonAsync("/chaos/" + path, body);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new InvalidOperationException($"The driver's {path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    [GeneratedRegex(@"http://[^/\s]+(/setup\?code=\S+)")]
    private static partial Regex SetupLink();

    [GeneratedRegex("Application started")]
    private static partial Regex Started();
}
