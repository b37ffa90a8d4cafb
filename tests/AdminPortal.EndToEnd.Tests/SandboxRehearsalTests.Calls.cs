using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <content>Calls of the sandbox that the tests share.</content>
public sealed partial class SandboxRehearsalTests
{
    private static long Id(JsonElement described) => described.GetProperty("id").GetInt64();

    private static string NextPage(HttpResponseMessage page) => page.Headers.GetValues("elements-next-page-token").Single();

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());

    private static async Task<TimeSpan> TimeAsync(Func<Task> action)
    {
        var started = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(started);
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            tries.ShouldBeLessThan(100);
            await Task.Delay(50);
        }
    }

    private async Task<JsonElement> FaultAsync(object fault)
    {
        using var answer = await fixture.Http.PostAsJsonAsync("/sandbox/faults", fault);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await JsonAsync(answer);
    }

    private async Task<IReadOnlyList<JsonElement>> WaitingAsync() => [.. (await fixture.Http.GetFromJsonAsync<JsonElement>("/sandbox/faults")).EnumerateArray()];

    private async Task<HttpResponseMessage> PostFormAsync(string path, Dictionary<string, string> fields, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) };
        if (header is { } given) request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        return await fixture.Http.SendAsync(request);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, object? body = null, string? token = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/elements/api-v2" + path);
        request.Headers.TryAddWithoutValidation("Authorization", Authorization + (token is null ? "" : ", Element " + token));
        if (body is not null) request.Content = JsonContent.Create(body);
        return await fixture.Http.SendAsync(request, cancellationToken);
    }

    private async Task<string> OAuthUrlAsync()
    {
        using var answer = await SendAsync("POST", "/elements/infusionsoftrest/oauth/url", new { apiKey = "client", apiSecret = "secret", callbackUrl = Callback, state = State });
        return (await JsonAsync(answer)).GetProperty("oauthUrl").GetString()!;
    }

    private async Task<HttpResponseMessage> ConsentAnswerAsync() => await ConsentAnswerAsync("client");

    private Task<HttpResponseMessage> ConsentAnswerAsync(string clientId) => PostFormAsync("/app/oauth/consent", ConsentForm(clientId, State));

    private async Task<HttpResponseMessage> CallAsync(string call, Party party) => call switch
    {
        "element" => await SendAsync("GET", "/elements/infusionsoftrest"),
        "url" => await SendAsync("POST", "/elements/infusionsoftrest/oauth/url", new { apiKey = party.ClientId, apiSecret = "secret", callbackUrl = Callback, state = party.State }),
        "sign-in" => await fixture.Http.GetAsync(
            $"/app/oauth/authorize?client_id={party.ClientId}&redirect_uri={Uri.EscapeDataString(Callback)}&response_type=code&scope=full&state={party.State}"),
        "consent" => await PostFormAsync("/app/oauth/consent", ConsentForm(party.ClientId, party.State)),
        "create" => await SendAsync("POST", "/instances", Body(party, [party.Tag])),
        "look" => await SendAsync("GET", $"/instances/{party.Id}"),
        "ping" => await SendAsync("GET", "/ping", token: party.Token),
        "list" => await SendAsync("GET", "/instances?tags[]=" + Uri.EscapeDataString(party.Tag)),
        "everything" => await SendAsync("GET", "/instances"),
        "again" => await SendAsync("PUT", $"/instances/{party.Id}?reAuthenticate=true", Body(party, null)),
        _ => throw new ArgumentOutOfRangeException(nameof(call), call, null),
    };

    private static object Body(Party party, string[]? tags) => new
    {
        element = new { key = "infusionsoftrest" },
        name = party.Name,
        tags,
        providerData = new { code = party.Code },
        configuration = new Dictionary<string, string> { ["oauth.api.key"] = party.ClientId, ["oauth.api.secret"] = "secret", ["oauth.callback.url"] = Callback },
    };

    private static string CodeOf(HttpResponseMessage consent) => HttpUtility.ParseQueryString(consent.Headers.Location!.Query)["code"]!;

    private async Task<Uri> ConsentAsync(string clientId = "client")
    {
        using var answer = await ConsentAnswerAsync(clientId);
        answer.StatusCode.ShouldBe(HttpStatusCode.Found);
        return answer.Headers.Location!;
    }

    private async Task<string> CodeAsync() => HttpUtility.ParseQueryString((await ConsentAsync()).Query)["code"]!;

    private Task<HttpResponseMessage> CreateAsync(string name, string code, string tag = "of the tests", CancellationToken cancellationToken = default) => SendAsync(
        "POST",
        "/instances",
        new
        {
            element = new { key = "infusionsoftrest" },
            name,
            tags = new[] { tag },
            providerData = new { code },
            configuration = new Dictionary<string, string> { ["oauth.api.key"] = "client", ["oauth.api.secret"] = "secret", ["oauth.callback.url"] = Callback },
        },
        cancellationToken: cancellationToken);

    private async Task<IReadOnlyList<JsonElement>> ListAsync(string tag)
    {
        using var answer = await SendAsync("GET", "/instances?tags[]=" + Uri.EscapeDataString(tag));
        return answer.StatusCode == HttpStatusCode.NotFound ? [] : [.. (await JsonAsync(answer)).EnumerateArray()];
    }

    private async Task<int> CountAsync() => (await JsonAsync(await SendAsync("GET", "/instances/count"))).GetProperty("totalInstances").GetInt32();

    private async Task<string> JournalTextAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sandbox/journal");
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await fixture.Http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>One of two who make an attempt each.</summary>
    private sealed class Party(string letter)
    {
        public string ClientId { get; } = "client-" + letter;

        public string State { get; } = "state-" + letter;

        public string Tag { get; } = "portal:" + letter;

        public string Name { get; } = "Party " + letter;

        public string Code { get; set; } = "";

        public long Id { get; set; }

        public string Token { get; set; } = "";
    }
}
