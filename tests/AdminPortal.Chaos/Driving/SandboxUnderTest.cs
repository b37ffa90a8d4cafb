using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AdminPortal.Chaos.Driving;

/// <summary>The simulated platform as a process, and what it says of itself.</summary>
public sealed partial class SandboxUnderTest : IAsyncDisposable
{
    public const string OrganizationSecret = "chaos0organization0secret0000001";
    public const string UserSecret = "chaosUserSecret+abcdefghijklmnopqrstuvwxyz/=";

    private const string Api = "/elements/api-v2";

    private readonly ServerProcess _process;
    private readonly HttpClient _http;

    private SandboxUnderTest(ServerProcess process, Uri address)
    {
        _process = process;
        Address = address;
        _http = new HttpClient { BaseAddress = address };
    }

    public Uri Address { get; }

    public static async Task<SandboxUnderTest> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var environment = new Dictionary<string, string> { ["Sandbox__OrganizationSecret"] = OrganizationSecret, ["Sandbox__UserSecret"] = UserSecret };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) environment[name] = value;
        var process = ServerProcess.Start(Programs.Built("AdminPortal.Sandbox"), ["--urls", "http://127.0.0.1:0"], environment);
        return new SandboxUnderTest(process, new Uri((await process.WaitForAsync(AddressLine())).Value));
    }

    /// <summary>Makes the next matching call go wrong; see the sandbox's <c>POST /sandbox/faults</c>.</summary>
    public async Task FaultAsync(object fault) => (await _http.PostAsJsonAsync("/sandbox/faults", fault)).EnsureSuccessStatusCode();

    /// <summary>Sets a switch of the sandbox's page, once and for the requests that <paramref name="only"/> tells.</summary>
    public async Task SetSwitchAsync(string id, string only)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["switch"] = id, ["times"] = "once", ["only"] = only });
        (await _http.PostAsync("/sandbox/rehearsal", form)).EnsureSuccessStatusCode();
    }

    /// <summary>Waits until it listens again.</summary>
    public async Task WaitUntilBackAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                (await _http.GetAsync("/sandbox/health", timeout.Token)).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(25, timeout.Token);
            }
        }
    }

    /// <summary>Moves the sandbox's clock.</summary>
    public async Task AdvanceAsync(TimeSpan by) => (await _http.PostAsJsonAsync("/sandbox/clock", new { advanceSeconds = by.TotalSeconds })).EnsureSuccessStatusCode();

    /// <summary>Sets the sandbox's clock.</summary>
    public async Task SetClockAsync(DateTimeOffset now)
    {
        var clock = await _http.GetFromJsonAsync<JsonObject>("/sandbox/clock");
        await AdvanceAsync(now - clock!["utcNow"]!.GetValue<DateTimeOffset>());
    }

    public async Task ClearFaultsAsync() => (await _http.DeleteAsync("/sandbox/faults")).EnsureSuccessStatusCode();

    public async Task ClearJournalAsync() => (await _http.DeleteAsync("/sandbox/journal")).EnsureSuccessStatusCode();

    /// <summary>The calls that the sandbox saw, oldest first; each with <c>method</c>, <c>path</c>, <c>status</c>, <c>requestBody</c>, <c>fault</c>.</summary>
    public async Task<IReadOnlyList<JsonObject>> JournalAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sandbox/journal");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await _http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return [.. (await answer.Content.ReadFromJsonAsync<JsonArray>())!.Select(entry => entry!.AsObject())];
    }

    /// <summary>How often an instance with this tag was asked for, and how often that was carried out.</summary>
    public async Task<(int Asked, int CarriedOut)> CountCreationsAsync(string tag)
    {
        var posts = (await JournalAsync()).Where(entry => entry["method"]!.GetValue<string>() == "POST" && entry["path"]!.GetValue<string>() == Api + "/instances"
            && entry["requestBody"]?.GetValue<string>().Contains(tag, StringComparison.Ordinal) == true).ToList();
        return (posts.Count, posts.Count(IsCarriedOut));
    }

    /// <summary>The instances with this tag: id and the SHA-256 of the token.</summary>
    public async Task<IReadOnlyList<(long Id, string TokenHash)>> InstancesAsync(string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Api}/instances?hydrate=true&tags[]={Uri.EscapeDataString(tag)}");
        _ = request.Headers.TryAddWithoutValidation("Authorization", $"User {UserSecret}, Organization {OrganizationSecret}");
        using var answer = await _http.SendAsync(request);
        // An empty list, as the platform answers it.
        if (answer.StatusCode == HttpStatusCode.NotFound) return [];
        answer.EnsureSuccessStatusCode();
        return [.. (await answer.Content.ReadFromJsonAsync<JsonArray>())!.Select(row =>
            (row!["id"]!.GetValue<long>(), Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(row["token"]!.GetValue<string>())))))];
    }

    /// <summary>Signs in at the simulated Infusionsoft and allows or denies, as a person does.</summary>
    /// <returns>The address that the browser is sent back to.</returns>
    public async Task<Uri> ConsentAsync(Uri authorize, bool allow = true, string account = "dt123.infusionsoft.com")
    {
        var query = Query(authorize);
        Dictionary<string, string> form = new()
        {
            ["client_id"] = query["client_id"], ["redirect_uri"] = query["redirect_uri"], ["response_type"] = "code", ["scope"] = "full", ["state"] = query["state"],
            ["username"] = "ada", ["password"] = "any",
        };
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var browser = new HttpClient(handler) { BaseAddress = Address };
        (await browser.GetAsync(authorize)).EnsureSuccessStatusCode();
        using var signIn = new FormUrlEncodedContent(form);
        (await browser.PostAsync("/app/oauth/signin", signIn)).EnsureSuccessStatusCode();
        form["account"] = account;
        form["decision"] = allow ? "allow" : "deny";
        using var decision = new FormUrlEncodedContent(form);
        using var back = await browser.PostAsync("/app/oauth/consent", decision);
        return back.Headers.Location ?? throw new InvalidOperationException($"The sandbox answered the consent with {(int)back.StatusCode}.");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    // A dropped answer is in the journal with status 0; its fault says what the answer would have been.
    private static bool IsCarriedOut(JsonObject entry) =>
        entry["status"]!.GetValue<int>() is 200 or 201
        || (entry["status"]!.GetValue<int>() == 0 && entry["fault"]?.GetValue<string>().Contains("would have been 200", StringComparison.Ordinal) == true);

    private static Dictionary<string, string> Query(Uri address) => address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2)).ToDictionary(pair => Uri.UnescapeDataString(pair[0].Replace('+', ' ')), pair => Uri.UnescapeDataString(pair[^1].Replace('+', ' ')));

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex AddressLine();
}
