using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>The sandbox as a process, with secrets of the test's own, and its levers.</summary>
internal sealed partial class Sandbox : IAsyncDisposable
{
    private readonly ServerProcess _process;
    private readonly HttpClient _http;

    private Sandbox(ServerProcess process, Uri address)
    {
        _process = process;
        Address = address;
        _http = new HttpClient { BaseAddress = address };
    }

    public const string OrganizationSecret = "planted0organization0secret00001";
    public const string UserSecret = "plantedUserSecret+abcdefghijklmnopqrstuvwx/=";

    public Uri Address { get; }

    public static async Task<Sandbox> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var environment = new Dictionary<string, string>
        {
            ["Sandbox__OrganizationSecret"] = OrganizationSecret,
            ["Sandbox__UserSecret"] = UserSecret,
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) environment[name] = value;
        var process = ServerProcess.Start(Programs.Built("AdminPortal.Sandbox"), ["--urls", "http://127.0.0.1:0"], environment);
        var address = await process.WaitForAsync(AddressLine());
        return new Sandbox(process, new Uri(address.Value));
    }

    /// <summary>Calls that the sandbox saw since the journal was last cleared.</summary>
    public async Task<IReadOnlyList<JournalEntry>> JournalAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sandbox/journal");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var answer = await _http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<List<JournalEntry>>())!;
    }

    /// <summary>How often an instance was asked for.</summary>
    public async Task<int> CountCreationsAsync() =>
        (await JournalAsync()).Count(entry => entry is { Method: "POST", Path: "/elements/api-v2/instances" });

    public async Task ClearJournalAsync() => (await _http.DeleteAsync("/sandbox/journal")).EnsureSuccessStatusCode();

    /// <summary>Makes the next matching call fail in a chosen way.</summary>
    public async Task FailNextAsync(object fault) => (await _http.PostAsJsonAsync("/sandbox/faults", fault)).EnsureSuccessStatusCode();

    /// <summary>Moves the sandbox's clock.</summary>
    public async Task AdvanceAsync(TimeSpan by) =>
        (await _http.PostAsJsonAsync("/sandbox/clock", new { advanceSeconds = by.TotalSeconds })).EnsureSuccessStatusCode();

    /// <summary>Makes an instance without a consent, or changes one behind the portal's back; answers it as the API would.</summary>
    /// <param name="body">See <c>POST /sandbox/instances</c>.</param>
    /// <param name="id">The instance to change; null for a new one.</param>
    public async Task<JsonElement> PullLeverAsync(object body, long? id = null)
    {
        using var answer = await _http.PostAsJsonAsync("/sandbox/instances" + (id is null ? string.Empty : $"/{id}"), body);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Deletes an instance behind the portal's back.</summary>
    public async Task RemoveInstanceAsync(long id) => (await _http.DeleteAsync($"/sandbox/instances/{id}")).EnsureSuccessStatusCode();

    public async Task ClearFaultsAsync() => (await _http.DeleteAsync("/sandbox/faults")).EnsureSuccessStatusCode();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex AddressLine();

    internal sealed record JournalEntry(
        [property: JsonPropertyName("method")] string Method,
        [property: JsonPropertyName("path")] string Path,
        [property: JsonPropertyName("query")] string? Query,
        [property: JsonPropertyName("status")] int Status,
        [property: JsonPropertyName("requestBody")] string? RequestBody);
}
