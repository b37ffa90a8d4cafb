using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Web;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Everything that can be made to go wrong in the sandbox does so, as its table of faults has it.</summary>
public sealed partial class SandboxRehearsalTests(SandboxRehearsalTests.Fixture fixture) : IClassFixture<SandboxRehearsalTests.Fixture>, IAsyncLifetime
{
    private const string Authorization = $"User {Sandbox.UserSecret}, Organization {Sandbox.OrganizationSecret}";
    private const string Callback = "https://portal.example.com/oauth/callback";
    private const string State = "the-state-of-this-attempt";
    private const string Tenant = "dt123.infusionsoft.com";

    public async ValueTask InitializeAsync()
    {
        await fixture.Sandbox.ClearFaultsAsync();
        await fixture.Sandbox.ClearJournalAsync();
        (await fixture.Http.DeleteAsync("/sandbox/clock")).EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("urlOtherRedirectUri", "redirect_uri", "https://elsewhere.example/oauth/callback")]
    [InlineData("urlOtherClientId", "client_id", "another-client")]
    [InlineData("urlOtherState", "state", null)]
    public async Task OAuthUrl_OtherParameter_IsTheOnlyThingThatDiffers(string kind, string parameter, string? expected)
    {
        var right = HttpUtility.ParseQueryString(new Uri(await OAuthUrlAsync()).Query);
        await FaultAsync(new { kind });
        var wrong = HttpUtility.ParseQueryString(new Uri(await OAuthUrlAsync()).Query);

        foreach (var name in right.AllKeys)
        {
            if (name != parameter) wrong[name].ShouldBe(right[name]);
        }

        wrong[parameter].ShouldNotBeNullOrEmpty();
        wrong[parameter].ShouldNotBe(right[parameter]);
        if (expected is not null) wrong[parameter].ShouldBe(expected);

        await FaultAsync(new { kind, value = "chosen" });
        HttpUtility.ParseQueryString(new Uri(await OAuthUrlAsync()).Query)[parameter].ShouldBe("chosen");
        HttpUtility.ParseQueryString(new Uri(await OAuthUrlAsync()).Query)[parameter].ShouldBe(right[parameter]);
    }

    [Theory]
    [InlineData("urlOtherHost", "https://signin.elsewhere.example/app/oauth/authorize?")]
    [InlineData("urlPlainHttp", "http://signin.infusionsoft.com/app/oauth/authorize?")]
    [InlineData("urlNotAnUrl", "not an address")]
    public async Task OAuthUrl_OtherPlace_IsAnswered(string kind, string beginning)
    {
        await FaultAsync(new { kind });
        (await OAuthUrlAsync()).ShouldStartWith(beginning);
    }

    [Theory]
    [InlineData("consentDeny", "error,error_description,error_uri,state")]
    [InlineData("consentError", "error,error_description,state")]
    [InlineData("callbackNoQuery", "")]
    [InlineData("callbackOtherState", "code,scope,state")]
    [InlineData("callbackNoState", "code,scope")]
    [InlineData("callbackNoCode", "scope,state")]
    [InlineData("callbackCodeAndError", "code,error,error_description,scope,state")]
    [InlineData("callbackNoScope", "code,state")]
    [InlineData("callbackOtherTenant", "code,scope,state")]
    public async Task Consent_Fault_BringsTheseParametersBack(string kind, string names)
    {
        await FaultAsync(new { kind });
        var callback = await ConsentAsync();

        callback.GetLeftPart(UriPartial.Path).ShouldBe(Callback);
        var query = HttpUtility.ParseQueryString(callback.Query);
        string.Join(',', query.AllKeys.Order(StringComparer.Ordinal)).ShouldBe(names);
        if (query["state"] is { } state) (state == State).ShouldBe(kind != "callbackOtherState");
    }

    [Fact]
    public async Task Consent_ErrorAndTenantOfChoice_AreUsed()
    {
        await FaultAsync(new { kind = "consentError", value = "temporarily_unavailable", message = "Come & try later" });
        var error = HttpUtility.ParseQueryString((await ConsentAsync()).Query);
        (error["error"], error["error_description"]).ShouldBe(("temporarily_unavailable", "Come & try later"));

        await FaultAsync(new { kind = "callbackOtherTenant", value = "xx123.infusionsoft.com" });
        HttpUtility.ParseQueryString((await ConsentAsync()).Query)["scope"].ShouldBe("full|xx123.infusionsoft.com");
        await FaultAsync(new { kind = "callbackOtherTenant" });
        HttpUtility.ParseQueryString((await ConsentAsync()).Query)["scope"].ShouldBe("full|zt119.infusionsoft.com");
    }

    [Fact]
    public async Task Consent_Twice_IsAPageThatCallsTheCallbackTwice()
    {
        await FaultAsync(new { kind = "callbackTwice" });
        using var answer = await ConsentAnswerAsync();
        var page = await answer.Content.ReadAsStringAsync();

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var callback = HttpUtility.HtmlDecode(page.Split("<img src=\"")[1].Split('"')[0]);
        callback.ShouldStartWith(Callback + "?");
        HttpUtility.HtmlDecode(page.Split("content=\"1;url=")[1].Split('"')[0]).ShouldBe(callback);
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("img-src data: https://portal.example.com;");
        page.ShouldNotContain("<script");
    }

    [Theory]
    [InlineData("codeExpired")]
    [InlineData("codeReused")]
    public async Task Consent_CodeOfNoUse_IsRefusedByThePlatform(string kind)
    {
        await FaultAsync(new { kind });
        using var answer = await CreateAsync("Of no use", await CodeAsync());
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("invalid_grant");
    }

    [Fact]
    public async Task SignIn_StatusDelayAndDrop_NeedTheirPathInTheMatch()
    {
        await FaultAsync(new { match = "*", status = 503 });
        (await ConsentAsync()).AbsoluteUri.ShouldStartWith(Callback);
        await fixture.Sandbox.ClearFaultsAsync();

        await FaultAsync(new { match = "POST /app/oauth/consent", status = 503, message = "<b>Later</b>" });
        using var down = await ConsentAnswerAsync();
        down.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await down.Content.ReadAsStringAsync()).ShouldContain("&lt;b&gt;Later&lt;/b&gt;");

        await FaultAsync(new { match = "POST /app/oauth/consent", delayMilliseconds = 700 });
        (await TimeAsync(async () => await ConsentAsync())).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(650));

        await FaultAsync(new { match = "POST /app/oauth/*", drop = "before" });
        await Should.ThrowAsync<HttpRequestException>(ConsentAnswerAsync);
    }

    [Fact]
    public async Task Create_Twice_MakesTwoAndAnswersTheFirst()
    {
        await FaultAsync(new { kind = "createTwice" });
        using var answer = await CreateAsync("Twins", await CodeAsync(), "twins");
        var made = await JsonAsync(answer);
        var both = await ListAsync("twins");

        both.Select(Id).First().ShouldBe(Id(made));
        both.Count.ShouldBe(2);
        both.Select(one => one.GetProperty("token").GetString()).Distinct().Count().ShouldBe(2);
        both.ShouldAllBe(one => one.GetProperty("name").GetString() == "Twins");
    }

    [Fact]
    public async Task Create_AppearingLate_IsThereAfterThatTimeOfTheSandbox()
    {
        await FaultAsync(new { kind = "appearLate", seconds = 60, drop = "after" });
        var count = await CountAsync();
        var code = await CodeAsync();
        await Should.ThrowAsync<HttpRequestException>(() => CreateAsync("Late", code, "late"));

        (await ListAsync("late")).ShouldBeEmpty();
        (await CountAsync()).ShouldBe(count);
        await fixture.Sandbox.AdvanceAsync(TimeSpan.FromSeconds(61));
        var late = (await ListAsync("late")).ShouldHaveSingleItem();
        (await CountAsync()).ShouldBe(count + 1);
        (await SendAsync("GET", $"/instances/{Id(late)}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await fixture.Sandbox.JournalAsync()).ShouldContain(entry => entry.Status == 0);
    }

    [Fact]
    public async Task List_EmptyPage_HasATokenThatLeadsToTheRealOne()
    {
        await FaultAsync(new { kind = "listEmptyPage", times = "always" });
        using var empty = await SendAsync("GET", "/instances?pageSize=2");
        (await JsonAsync(empty)).GetArrayLength().ShouldBe(0);
        using var real = await SendAsync("GET", "/instances?pageSize=2&nextPage=" + NextPage(empty));
        (await JsonAsync(real)).GetArrayLength().ShouldBe(2);
        using var next = await SendAsync("GET", "/instances?pageSize=2&nextPage=" + NextPage(real));
        (await JsonAsync(next)).GetArrayLength().ShouldBe(0);
        using var second = await SendAsync("GET", "/instances?pageSize=2&nextPage=" + NextPage(next));
        (await JsonAsync(second)).EnumerateArray().Select(Id).ShouldNotContain(Id((await JsonAsync(real))[0]));
    }

    [Fact]
    public async Task List_RepeatedToken_LeadsBackToTheSamePage()
    {
        await FaultAsync(new { kind = "listRepeatedToken", times = 0 });
        using var first = await SendAsync("GET", "/instances?pageSize=2");
        using var second = await SendAsync("GET", "/instances?pageSize=2&nextPage=" + NextPage(first));
        using var third = await SendAsync("GET", "/instances?pageSize=2&nextPage=" + NextPage(second));
        NextPage(third).ShouldBe(NextPage(second));
        NextPage(second).ShouldBe(NextPage(first));
        (await third.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task List_ByOffset_LeavesOutWhatSlidToAPageThatWasRead()
    {
        foreach (var name in new[] { "A", "B", "C" })
        {
            using var made = await CreateAsync(name, await CodeAsync(), "by-offset");
            made.EnsureSuccessStatusCode();
        }

        await FaultAsync(new { kind = "listByOffset", times = "always" });
        using var first = await SendAsync("GET", "/instances?pageSize=1&tags[]=by-offset");
        var read = (await JsonAsync(first))[0];
        read.GetProperty("name").GetString().ShouldBe("A");
        using var deleted = await SendAsync("DELETE", $"/instances/{Id(read)}");
        deleted.EnsureSuccessStatusCode();

        using var second = await SendAsync("GET", "/instances?pageSize=1&tags[]=by-offset&nextPage=" + NextPage(first));

        (await JsonAsync(second)).EnumerateArray().Select(one => one.GetProperty("name").GetString()).ShouldBe(["C"]);
    }

    [Fact]
    public async Task List_TagsIgnored_AnswersEverything()
    {
        await FaultAsync(new { kind = "listIgnoreTags" });
        (await ListAsync("nobody-has-this")).Count.ShouldBeGreaterThan(2);
        (await ListAsync("nobody-has-this")).ShouldBeEmpty();
    }

    private static Dictionary<string, string> ConsentForm(string clientId, string state) => new()
    {
        ["client_id"] = clientId, ["redirect_uri"] = Callback, ["response_type"] = "code", ["scope"] = "full", ["state"] = state,
        ["username"] = "ada", ["account"] = Tenant, ["decision"] = "allow",
    };

    private static readonly (string Call, string Match)[] CallsOfAnAttempt =
    [
        ("element", "GET /elements/infusionsoftrest"), ("url", "POST /elements/*/oauth/url"), ("sign-in", "GET /app/oauth/authorize"), ("consent", "POST /app/oauth/consent"),
        ("create", "POST /instances"), ("look", "GET /instances/*"), ("ping", "GET /ping"), ("list", "GET /instances"), ("everything", "GET /instances"), ("again", "PUT /instances/*"),
    ];

    private static async Task<(long Id, string Token)> MadeAsync(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var made = await JsonAsync(answer);
        return (Id(made), made.GetProperty("token").GetString()!);
    }

    /// <summary>One sandbox for all of these tests.</summary>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "The fixture is of these tests alone.")]
    public sealed class Fixture : IAsyncLifetime
    {
        internal Sandbox Sandbox { get; private set; } = null!;

        internal HttpClient Http { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Sandbox = await Sandbox.StartAsync(new Dictionary<string, string> { ["Sandbox__SeedInstances"] = "9", ["Sandbox__Seed"] = "1" });
            Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Sandbox.Address };
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Sandbox.DisposeAsync();
        }
    }
}
