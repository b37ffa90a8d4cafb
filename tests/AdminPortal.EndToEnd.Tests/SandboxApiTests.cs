using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>The sandbox's API as the contract has it, over HTTP, on one sandbox with a made-up tenant.</summary>
public sealed class SandboxApiTests(SandboxApiTests.Fixture fixture) : IClassFixture<SandboxApiTests.Fixture>
{
    private const int Seeded = 450;
    private const string UserAndOrganization = $"User {Sandbox.UserSecret}, Organization {Sandbox.OrganizationSecret}";

    [Fact]
    public async Task List_PagedWhileRowsComeAndGo_GivesEachRemainingRowOnce()
    {
        var seen = new List<long>();
        string? cursor = null;
        do
        {
            using var page = await SendAsync("GET", "/instances?pageSize=100" + (cursor is null ? string.Empty : "&nextPage=" + cursor));
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            seen.AddRange((await JsonAsync(page)).EnumerateArray().Select(Id));
            cursor = page.Headers.TryGetValues("elements-next-page-token", out var token) ? token.Single() : null;

            // What the page just read is gone before the next one is asked for, and something new stands at the end.
            if (seen.Count == 100)
            {
                var gone = await CreateAsync(new { element = "infusionsoftrest", name = "Gone again" });
                await fixture.Sandbox.RemoveInstanceAsync(Id(gone));
                await fixture.Sandbox.RemoveInstanceAsync(seen[^1]);
            }
        }
        while (cursor is not null);

        seen.ShouldBe(seen.Distinct().Order());
        seen.Count.ShouldBeGreaterThanOrEqualTo(Seeded);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    [InlineData("many")]
    public async Task List_PageSizeOutOfRange_Is400(string pageSize)
    {
        using var answer = await SendAsync("GET", $"/instances?pageSize={pageSize}");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task List_Filtered_MatchesNameOrKeyAndTags()
    {
        var made = await CreateAsync(new { element = "infusionsofterp", name = "Zürich ÉLAN probe", tags = new[] { "only-here" } });

        (await OkAsync("GET", "/instances?searchText=z%C3%BCrich%20%C3%A9lan")).EnumerateArray().Select(Id).ShouldBe([Id(made)]);
        (await OkAsync("GET", "/instances?tags[]=only-here&hydrate=true"))[0].GetProperty("tags")[0].GetString().ShouldBe("only-here");
        (await OkAsync("GET", "/instances?tags[]=only-here"))[0].TryGetProperty("tags", out _).ShouldBeFalse();
        (await OkAsync("GET", "/instances?searchText=HUBSPOT")).EnumerateArray()
            .ShouldAllBe(one => one.GetProperty("element").GetProperty("key").GetString() == "hubspotcrm");
        using var none = await SendAsync("GET", "/instances?searchText=nobody-is-called-this");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await JsonAsync(none)).GetProperty("message").GetString().ShouldBe("No element instances found");
    }

    [Fact]
    public async Task Seeded_TwiceWithTheSameSeed_IsTheSame()
    {
        await using var first = await Sandbox.StartAsync(new Dictionary<string, string> { ["Sandbox__SeedInstances"] = "40", ["Sandbox__Seed"] = "7" });
        await using var second = await Sandbox.StartAsync(new Dictionary<string, string> { ["Sandbox__SeedInstances"] = "40", ["Sandbox__Seed"] = "7" });
        var names = new List<string>();
        foreach (var sandbox in new[] { first, second })
        {
            using var http = new HttpClient { BaseAddress = sandbox.Address };
            using var answer = await SendAsync("GET", "/instances", http: http);
            names.Add(string.Join('|', (await JsonAsync(answer)).EnumerateArray().Select(one => $"{Id(one)} {one.GetProperty("name")} {Token(one)}")));
        }

        names[0].Split('|').Length.ShouldBe(40);
        names[1].ShouldBe(names[0]);
    }

    [Fact]
    public async Task Configuration_Entries_HaveTypesAndMaskedSecrets()
    {
        var instance = await CreateAsync(new { element = "infusionsoftrest", configuration = new Dictionary<string, string> { ["oauth.api.key"] = "mine" } });
        var entries = (await OkAsync("GET", $"/instances/{Id(instance)}/configuration")).EnumerateArray().ToDictionary(entry => entry.GetProperty("key").GetString()!);

        entries["event.poller.configuration"].GetProperty("type").GetString().ShouldBe("CODE_EDITOR");
        entries["event.vendor.type"].GetProperty("type").GetString().ShouldBe("COMBO");
        entries["event.notification.enabled"].GetProperty("type").GetString().ShouldBe("BOOLEAN");
        entries["oauth.api.secret"].GetProperty("type").GetString().ShouldBe("PASSWORD");
        entries["oauth.api.secret"].GetProperty("propertyValue").GetString().ShouldBe("********");

        var path = $"/instances/configuration/{Id(entries["oauth.api.key"])}";
        var before = (await OkAsync("GET", $"/instances/{Id(instance)}")).GetProperty("updatedDate").GetInt64();
        await OkAsync("PATCH", path, """{"propertyValue":"********"}""", Token(instance));
        (await OkAsync("GET", $"/instances/{Id(instance)}")).GetProperty("updatedDate").GetInt64().ShouldBe(before);

        var interval = Id(entries["event.poller.refresh_interval"]);
        await OkAsync("PATCH", $"/instances/{Id(instance)}/configuration/{interval}", """{"propertyValue":"20"}""");
        (await OkAsync("GET", $"/instances/configuration/{interval}", null, Token(instance))).GetProperty("propertyValue").GetString().ShouldBe("20");
        await OkAsync("PATCH", "/instances/configuration", """[{"key":"event.poller.refresh_interval","propertyValue":"30"}]""", Token(instance));
        (await OkAsync("GET", $"/instances/{Id(instance)}")).GetProperty("configuration").GetProperty("event.poller.refresh_interval").GetString().ShouldBe("30");

        using var wrong = await SendAsync("PATCH", $"/instances/{Id(instance)}/configuration/{Id(entries["event.poller.configuration"])}", """{"propertyValue":"{not json"}""");
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task ByToken_EveryVerb_MeansTheInstanceOfTheToken()
    {
        var instance = await CreateAsync(new { element = "infusionsoftcrm", name = "By token" });
        (await OkAsync("PATCH", "/instances", """{"name":"Renamed"}""", Token(instance))).GetProperty("id").GetInt64().ShouldBe(Id(instance));
        await OkAsync("PUT", "/instances", """{"tags":["t"]}""", Token(instance));
        await EmptyAsync("DELETE", "/instances/enabled", Token(instance));
        var changed = await OkAsync("GET", $"/instances/{Id(instance)}");
        changed.GetProperty("name").GetString().ShouldBe("Renamed");
        changed.GetProperty("tags")[0].GetString().ShouldBe("t");
        changed.GetProperty("disabled").GetBoolean().ShouldBeTrue();
        await EmptyAsync("PUT", "/instances/enabled", Token(instance));
        (await StatusAsync("DELETE", "/instances")).ShouldBe(HttpStatusCode.Unauthorized);
        await EmptyAsync("DELETE", "/instances", Token(instance));
        (await StatusAsync("GET", $"/instances/{Id(instance)}")).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync("GET", "/ping", Token(instance))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync("GET", "/contacts", Token(instance))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Events_TurnedOn_ComeWithTime()
    {
        await using var sandbox = await Sandbox.StartAsync();
        using var http = new HttpClient { BaseAddress = sandbox.Address };
        var instance = await sandbox.PullLeverAsync(new { element = "infusionsoftecommerce" });
        var path = $"/instances/{Id(instance)}";
        using var none = await SendAsync("GET", path + "/events", http: http);
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        using var on = await SendAsync("PATCH", path, """{"configuration":{"event.notification.enabled":true,"event.poller.configuration":{"orders":{}}}}""", http: http);
        (await JsonAsync(on)).GetProperty("eventsEnabled").GetBoolean().ShouldBeTrue();
        await sandbox.AdvanceAsync(TimeSpan.FromMinutes(31));
        using var some = await SendAsync("GET", path + "/events", http: http);
        var events = await JsonAsync(some);
        events.GetArrayLength().ShouldBe(2);
        using var one = await SendAsync("GET", $"{path}/events/{events[1].GetProperty("id").GetString()}", http: http);
        (await JsonAsync(one)).GetRawText().ShouldBe(events[1].GetRawText());
        using var off = await SendAsync("PATCH", path, """{"configuration":{"event.notification.enabled":"false"}}""", http: http);
        (await JsonAsync(off)).GetProperty("eventsEnabled").GetBoolean().ShouldBeFalse();
        using var wrong = await SendAsync("PATCH", path, """{"configuration":{"event.poller.configuration":"orders: yes"}}""", http: http);
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("infusionsoftrest", "contacts")]
    [InlineData("infusionsoftcrm", "contacts")]
    [InlineData("infusionsoftmarketing", "contacts")]
    [InlineData("infusionsofterp", "contacts")]
    [InlineData("infusionsoftecommerce", "orders")]
    public async Task Docs_OfEachElement_DescribePathsThatAnswer(string element, string resource)
    {
        var instance = await CreateAsync(new { element });
        var docs = await OkAsync("GET", $"/instances/{Id(instance)}/docs?version=-1");
        (await OkAsync("GET", "/instances/docs", null, Token(instance))).GetRawText().ShouldBe(docs.GetRawText());
        docs.GetProperty("swagger").GetString().ShouldBe("2.0");
        docs.GetProperty("basePath").GetString().ShouldBe("/elements/api-v2");
        docs.GetProperty("host").GetString().ShouldBe(fixture.Sandbox.Address.Authority);
        docs.GetProperty("paths").TryGetProperty("/" + resource, out _).ShouldBeTrue();

        // Every reading path of the document answers as it says.
        foreach (var path in docs.GetProperty("paths").EnumerateObject())
            (await StatusAsync("GET", path.Name.Replace("{id}", "1", StringComparison.Ordinal), Token(instance), organization: false)).ShouldBe(HttpStatusCode.OK, path.Name);
    }

    [Fact]
    public async Task Records_OfAnInstance_AreReadAndWritten()
    {
        var instance = await CreateAsync(new { element = "infusionsoftrest" });
        var token = Token(instance);
        using var list = await SendAsync("GET", "/hubs/anything/contacts?pageSize=10", null, token, organization: false);
        list.Headers.GetValues("Elements-Returned-Count").Single().ShouldBe("10");
        list.Headers.GetValues("Elements-Request-Id").Single().ShouldNotBeEmpty();
        var cursor = list.Headers.GetValues("elements-next-page-token").Single();
        (await OkAsync("GET", $"/contacts?pageSize=10&nextPage={cursor}", null, token))[0].GetProperty("id").GetInt64().ShouldBe(11);

        var made = await OkAsync("POST", "/contacts", """{"last_name":"Probe"}""", token);
        (await OkAsync("GET", "/contacts?where=last_name%3D'Probe'", null, token)).EnumerateArray().Select(Id).ShouldBe([Id(made)]);
        (await OkAsync("PATCH", $"/contacts/{Id(made)}", """{"email":"p@example.com"}""", token)).GetProperty("last_name").GetString().ShouldBe("Probe");
        await EmptyAsync("DELETE", $"/contacts/{Id(made)}", token);
        using var gone = await SendAsync("GET", $"/contacts/{Id(made)}", null, token);
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await JsonAsync(gone)).GetProperty("requestId").GetString().ShouldBe(gone.Headers.GetValues("Elements-Request-Id").Single());
        (await StatusAsync("GET", "/orders", token)).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync("GET", "/contacts?where=nonsense", token)).ShouldBe(HttpStatusCode.BadRequest);

        await EmptyAsync("DELETE", $"/instances/{Id(instance)}/enabled");
        (await StatusAsync("GET", "/contacts", token)).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync("GET", "/ping", token)).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync("GET", "/objects", token)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task TraceLogging_ForSomeMinutes_EndsByItself()
    {
        await using var sandbox = await Sandbox.StartAsync();
        using var http = new HttpClient { BaseAddress = sandbox.Address };
        var instance = await sandbox.PullLeverAsync(new { element = "infusionsoftrest" });
        var path = $"/instances/{Id(instance)}";
        using var start = await SendAsync("PUT", path + "/trace-logging", """{"duration":10}""", http: http);
        start.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await TracedAsync()).ShouldBeTrue();
        await sandbox.AdvanceAsync(TimeSpan.FromMinutes(11));
        (await TracedAsync()).ShouldBeFalse();

        using var again = await SendAsync("PUT", "/instances/trace-logging", null, Token(instance), http: http);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
        await sandbox.AdvanceAsync(TimeSpan.FromMinutes(29));
        (await TracedAsync()).ShouldBeTrue();
        using var stop = await SendAsync("DELETE", path + "/trace-logging", http: http);
        (await TracedAsync()).ShouldBeFalse();
        using var wrong = await SendAsync("PUT", path + "/trace-logging", """{"duration":0}""", http: http);
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        async Task<bool> TracedAsync()
        {
            using var answer = await SendAsync("GET", path, http: http);
            return (await JsonAsync(answer)).GetProperty("traceLoggingEnabled").GetBoolean();
        }
    }

    [Fact]
    public async Task Lapsed_AfterFiveCalls_IsDisabledUntilAuthorizedAndEnabled()
    {
        var instance = await CreateAsync(new { element = "infusionsoftrest" });
        var path = $"/instances/{Id(instance)}";
        await fixture.Sandbox.PullLeverAsync(new { refreshTime = "2020-01-01T00:00:00Z" }, Id(instance));
        for (var call = 0; call < 5; call++)
        {
            (await OkAsync("GET", path)).GetProperty("disabled").GetBoolean().ShouldBeFalse();
            using var refused = await SendAsync("GET", call % 2 == 0 ? "/ping" : "/contacts", null, Token(instance));
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await JsonAsync(refused)).GetProperty("providerMessage").GetString()!.ShouldContain("invalid_grant");
        }

        var lapsed = await OkAsync("GET", path);
        (lapsed.GetProperty("disabled").GetBoolean(), lapsed.GetProperty("valid").GetBoolean()).ShouldBe((true, false));
        (await StatusAsync("GET", "/ping", Token(instance))).ShouldBe(HttpStatusCode.Forbidden);

        var code = await ConsentAsync("sandbox-client", "https://portal.example.com/oauth/callback");
        var well = await OkAsync("PUT", path + "?reAuthenticate=true", JsonSerializer.Serialize(new { providerData = new { code } }));
        Id(well).ShouldBe(Id(instance));
        well.GetProperty("valid").GetBoolean().ShouldBeTrue();
        await EmptyAsync("PUT", path + "/enabled");
        (await OkAsync("GET", "/ping", null, Token(well))).GetProperty("valid").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Levers_WrongBodies_AreRefusedWithASentence()
    {
        foreach (var body in new object[] { new { element = "nothing" }, new { name = 1 }, new { unknown = true }, new { element = "infusionsoftrest", refreshTime = "soon" } })
        {
            using var answer = await fixture.Http.PostAsJsonAsync("/sandbox/instances", body);
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await JsonAsync(answer)).GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        }

        (await fixture.Http.PostAsJsonAsync("/sandbox/instances/1", new { name = "x" })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await fixture.Http.DeleteAsync("/sandbox/instances/1")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static long Id(JsonElement described) => described.GetProperty("id").GetInt64();

    private static string Token(JsonElement instance) => instance.GetProperty("token").GetString()!;

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => await answer.Content.ReadFromJsonAsync<JsonElement>();

    private Task<JsonElement> CreateAsync(object lever) => fixture.Sandbox.PullLeverAsync(lever);

    private async Task<JsonElement> OkAsync(string method, string path, string? body = null, string? token = null)
    {
        using var answer = await SendAsync(method, path, body, token);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private async Task EmptyAsync(string method, string path, string? token = null) => (await StatusAsync(method, path, token)).ShouldBe(HttpStatusCode.OK);

    private async Task<HttpStatusCode> StatusAsync(string method, string path, string? token = null, bool organization = true)
    {
        using var answer = await SendAsync(method, path, null, token, organization);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(
        string method, string path, string? body = null, string? token = null, bool organization = true, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/elements/api-v2" + path);
        var secrets = organization ? UserAndOrganization : $"User {Sandbox.UserSecret}";
        request.Headers.TryAddWithoutValidation("Authorization", token is null ? secrets : $"{secrets}, Element {token}");
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await (http ?? fixture.Http).SendAsync(request);
    }

    /// <summary>Signs in and allows, as a person would; answers the code.</summary>
    private async Task<string> ConsentAsync(string clientId, string callback)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["client_id"] = clientId, ["redirect_uri"] = callback, ["response_type"] = "code", ["scope"] = "full", ["username"] = "ada",
            ["account"] = "dt123.infusionsoft.com", ["decision"] = "allow",
        });
        using var answer = await fixture.Http.PostAsync("/app/oauth/consent", form);
        return System.Web.HttpUtility.ParseQueryString(answer.Headers.Location!.Query)["code"]!;
    }

    /// <summary>One sandbox for all of these tests.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "The fixture is of these tests alone.")]
    public sealed class Fixture : IAsyncLifetime
    {
        internal Sandbox Sandbox { get; private set; } = null!;

        internal HttpClient Http { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Sandbox = await Sandbox.StartAsync(new Dictionary<string, string> { ["Sandbox__SeedInstances"] = $"{Seeded}", ["Sandbox__Seed"] = "1" });
            Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Sandbox.Address };
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Sandbox.DisposeAsync();
        }
    }
}
