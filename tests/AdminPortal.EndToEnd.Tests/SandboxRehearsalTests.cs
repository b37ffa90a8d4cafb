using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Web;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>Everything that can be made to go wrong in the sandbox does so, as its table of faults has it.</summary>
public sealed class SandboxRehearsalTests(SandboxRehearsalTests.Fixture fixture) : IClassFixture<SandboxRehearsalTests.Fixture>, IAsyncLifetime
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

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task Status_AtCreating_IsAnsweredAndNothingIsMade(int status)
    {
        await FaultAsync(new { match = "POST /instances", status, retryAfterSeconds = 7 });
        using var answer = await CreateAsync("Refused", "some-code", "refused");
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(7));
        (await JsonAsync(answer)).GetProperty("requestId").GetString().ShouldBe(answer.Headers.GetValues("Elements-Request-Id").Single());
        (await ListAsync("refused")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Body_EachShape_SpoilsTheAnswerOfARequestThatWasCarriedOut()
    {
        foreach (var body in new[] { "malformed", "truncated", "html", "empty" })
        {
            await FaultAsync(new { match = "POST /instances", body });
            using var answer = await CreateAsync("Spoilt", await CodeAsync(), body);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            var text = await answer.Content.ReadAsStringAsync();
            answer.Content.Headers.ContentLength.ShouldBe(Encoding.UTF8.GetByteCount(text));
            Should.Throw<JsonException>(() => JsonDocument.Parse(text), body);
            (text.Length == 0).ShouldBe(body == "empty");
            (answer.Content.Headers.ContentType?.MediaType == "text/html").ShouldBe(body == "html");
            (await ListAsync(body)).Count.ShouldBe(1);
        }

        await FaultAsync(new { match = "POST /instances", body = "cut" });
        var code = await CodeAsync();
        await Should.ThrowAsync<HttpRequestException>(async () => await (await CreateAsync("Spoilt", code, "cut")).Content.ReadAsStringAsync());
        (await ListAsync("cut")).Count.ShouldBe(1);

        await FaultAsync(new { match = "GET /ping", status = 502, body = "html" });
        using var gateway = await SendAsync("GET", "/ping");
        ((int)gateway.StatusCode, gateway.Content.Headers.ContentType!.MediaType).ShouldBe((502, "text/html"));
    }

    [Fact]
    public async Task SlowBody_ComesByteByByte_AndWhole()
    {
        using var quick = await SendAsync("GET", "/instances?pageSize=1");
        await FaultAsync(new { match = "GET /instances", slowBodySeconds = 1 });
        string? text = null;
        (await TimeAsync(async () => text = await (await SendAsync("GET", "/instances?pageSize=1")).Content.ReadAsStringAsync())).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(900));
        text.ShouldBe(await quick.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Delay_BeforeOrAfter_IsCarriedOutAllTheSame()
    {
        foreach (var delayFirst in new[] { false, true })
        {
            await FaultAsync(new { match = "POST /instances", delayMilliseconds = 3_000, delayFirst });
            var (code, tag) = (await CodeAsync(), $"delayed-{delayFirst}");
            using var patience = new CancellationTokenSource();
            var answer = CreateAsync("Delayed", code, tag, patience.Token);
            if (delayFirst)
                (await ListAsync(tag)).ShouldBeEmpty();
            else
                await WaitAsync(async () => (await ListAsync(tag)).Count == 1);

            answer.IsCompleted.ShouldBeFalse();
            await Task.Delay(200);
            await patience.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(answer);
            await WaitAsync(async () => (await ListAsync(tag)).Count == 1);
        }
    }

    [Fact]
    public async Task Echo_RepeatsTheRequest_AndIsNotKeptInTheJournal()
    {
        await FaultAsync(new { match = "POST /instances", status = 400, message = "Cannot read", echo = true });
        using var answer = await CreateAsync("Echoed", "a-code-nobody-may-see");
        (await JsonAsync(answer)).GetProperty("message").GetString()!.ShouldContain("a-code-nobody-may-see");
        (await JournalTextAsync()).ShouldNotContain("a-code-nobody-may-see");

        await FaultAsync(new { match = "* /elements/*/oauth/url", status = 400, echo = true });
        using var query = await SendAsync("GET", "/elements/infusionsoftrest/oauth/url?apiKey=k&apiSecret=planted-secret&callbackUrl=x");
        (await query.Content.ReadAsStringAsync()).ShouldContain("planted-secret");
        (await JournalTextAsync()).ShouldNotContain("planted-secret");
    }

    [Fact]
    public async Task Scope_OnlyAndTimes_ChooseTheRequests()
    {
        await FaultAsync(new { match = "GET /instances", status = 503, only = "portal:one", times = "always" });
        await FaultAsync(new { match = "POST /instances", status = 409, only = "Zürich \"+\" 1" });
        for (var look = 0; look < 2; look++)
        {
            (await SendAsync("GET", "/instances?tags[]=portal%3Aone")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await SendAsync("GET", "/instances?tags[]=portal%3Atwo")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        (await CreateAsync("Zürich", "code")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await CreateAsync("Zürich \"+\" 1", "code")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await FaultAsync(new { match = "POST /instances", status = 409, only = "Zürich + 1", times = 2 });
        (await CreateAsync("Zürich + 1", "code")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await CreateAsync("Zürich + 2", "code")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await CreateAsync("Zürich + 1", "code")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await CreateAsync("Zürich + 1", "code")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        await FaultAsync(new { kind = "consentDeny", only = "client-b" });
        HttpUtility.ParseQueryString((await ConsentAsync("client-a")).Query)["error"].ShouldBeNull();
        HttpUtility.ParseQueryString((await ConsentAsync("client-b")).Query)["error"].ShouldBe("access_denied");
    }

    /// <summary>Each call of two attempts, with a fault for one of them: by what it can be told at which call.</summary>
    [Theory]
    [InlineData("client-a", "url sign-in consent create look ping list again")]
    [InlineData("state-a", "url sign-in consent create look ping list again")]
    [InlineData("portal:a", "create look ping list again")]
    [InlineData("Party a", "create look ping list again")]
    public async Task Scope_OnlyForOneAttempt_IsMetByItsCallsAlone(string only, string met)
    {
        var (a, b) = (new Party("a"), new Party("b"));
        List<string> seen = [];
        foreach (var (call, match) in CallsOfAnAttempt)
        {
            foreach (var party in new[] { a, b }) party.Code = CodeOf(await CallAsync("consent", party));
            await FaultAsync(new { match, status = 418, only });

            ((int)(await CallAsync(call, b)).StatusCode).ShouldNotBe(418, call);
            if ((int)(await CallAsync(call, a)).StatusCode == 418) seen.Add(call);

            await fixture.Sandbox.ClearFaultsAsync();
            if (call != "create") continue;
            foreach (var party in new[] { a, b }) party.Code = CodeOf(await CallAsync("consent", party));
            foreach (var party in new[] { a, b }) (party.Id, party.Token) = await MadeAsync(await CallAsync("create", party));
        }

        string.Join(' ', seen).ShouldBe(met);
    }

    [Fact]
    public async Task PlatformGone_FromTheConsentOn_NobodyListensForThatLong()
    {
        await using var sandbox = await Sandbox.StartAsync();
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = sandbox.Address };
        await sandbox.FailNextAsync(new { kind = "platformGone", seconds = 1 });
        using var form = new FormUrlEncodedContent(ConsentForm("client", State));
        using var back = await http.PostAsync("/app/oauth/consent", form);
        HttpUtility.ParseQueryString(back.Headers.Location!.Query)["code"].ShouldNotBeNullOrEmpty();

        var gone = await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync("/sandbox/health"));

        gone.HttpRequestError.ShouldBe(HttpRequestError.ConnectionError);
        await WaitAsync(async () =>
        {
            try
            {
                return (await http.GetAsync("/sandbox/health")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Faults_HaveIds_AndAreRemovedByThem()
    {
        await FaultAsync(new { kind = "consentDeny" });
        var waiting = await FaultAsync(new { match = "GET /ping", status = 500, times = "always", id = 1 });
        var ids = waiting.EnumerateArray().Select(Id).ToList();
        ids.Distinct().Count().ShouldBe(2);
        waiting[1].GetProperty("times").GetInt32().ShouldBe(0);
        waiting[0].GetProperty("kind").GetString().ShouldBe("consentDeny");

        (await fixture.Http.DeleteAsync($"/sandbox/faults/{ids[0]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await fixture.Http.DeleteAsync($"/sandbox/faults/{ids[0]}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await WaitingAsync()).Select(Id).ShouldBe([ids[1]]);
    }

    [Theory]
    [InlineData("""{}""", "a match or a kind")]
    [InlineData("""{"match":"GET /ping"}""", "needs a status, a drop")]
    [InlineData("""{"match":"ping","status":500}""", "a method and a path")]
    [InlineData("""{"kind":"nothing"}""", "listIgnoreTags")]
    [InlineData("""{"kind":3}""", "listIgnoreTags")]
    [InlineData("""{"kind":"appearLate"}""", "seconds from 1")]
    [InlineData("""{"kind":"platformGone","seconds":0}""", "seconds from 1")]
    [InlineData("""{"kind":"createTwice","seconds":3}""", "appearLate")]
    [InlineData("""{"kind":"createTwice","status":500}""", "a status or a kind")]
    [InlineData("""{"match":"GET /ping","status":500,"value":"x"}""", "belongs to a kind")]
    [InlineData("""{"match":"GET /ping","drop":"after","body":"html"}""", "has no body")]
    [InlineData("""{"match":"GET /ping","echo":true,"body":"html"}""", "echo needs a status")]
    [InlineData("""{"match":"GET /ping","body":"cut","slowBodySeconds":3}""", "cannot be slow")]
    [InlineData("""{"match":"GET /ping","delayFirst":true,"status":500}""", "needs delayMilliseconds")]
    [InlineData("""{"match":"GET /ping","status":500,"times":-1}""", "times must be")]
    [InlineData("""{"match":"GET /ping","status":500,"times":"often"}""", "must have the form")]
    [InlineData("""{"kind":"urlOtherHost","value":"https://x/"}""", "host name")]
    public async Task Faults_ThatCannotBe_AreRefusedWithASentence(string json, string sentence)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await fixture.Http.PostAsync("/sandbox/faults", content);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAsync(answer)).GetProperty("message").GetString()!.ShouldContain(sentence);
        (await WaitingAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Clock_Moved_IsTheTimeOfHeadersAndInstances()
    {
        await fixture.Sandbox.AdvanceAsync(TimeSpan.FromDays(400));
        using var answer = await CreateAsync("From the future", await CodeAsync());
        var soon = DateTimeOffset.UtcNow + TimeSpan.FromDays(399);
        answer.Headers.Date!.Value.ShouldBeGreaterThan(soon);
        var made = await JsonAsync(answer);
        made.GetProperty("createdDate").GetDateTimeOffset().ShouldBeGreaterThan(soon);
        made.GetProperty("updatedDate").GetInt64().ShouldBeGreaterThan(soon.ToUnixTimeMilliseconds());
        var configuration = made.GetProperty("configuration").EnumerateObject().Single(entry => entry.Name.EndsWith("refresh_time", StringComparison.Ordinal));
        long.Parse(configuration.Value.GetString()!, CultureInfo.InvariantCulture).ShouldBeGreaterThan(soon.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Page_EverySwitch_SetsAFaultAndClearsIt()
    {
        var page = await fixture.Http.GetStringAsync("/sandbox");
        var switches = page.Split("name=\"switch\" value=\"").Skip(1).Select(part => part.Split('"')[0]).ToList();
        switches.Count.ShouldBeGreaterThan(40);
        foreach (var id in switches)
        {
            using var answer = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = id, ["times"] = "once", ["only"] = "portal:7", ["own"] = """{"kind":"createTwice"}""" });
            answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther, id);
            answer.Headers.Location!.OriginalString.ShouldBe($"/sandbox?only=portal%3A7&set={id}#switch-{id}");
            if (id != "own") page.ShouldContain($"id=\"about-{id}\"");
        }

        var waiting = await WaitingAsync();
        waiting.Count.ShouldBe(switches.Count);
        waiting.Count(fault => fault.GetProperty("only").GetString() == "portal:7").ShouldBe(switches.Count - 1);
        (await PostFormAsync("/sandbox/rehearsal/remove", new() { ["fault"] = Id(waiting[0]).ToString(CultureInfo.InvariantCulture) })).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await WaitingAsync()).Count.ShouldBe(switches.Count - 1);
        (await PostFormAsync("/sandbox/rehearsal/remove", new() { ["fault"] = "all" })).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await WaitingAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Page_ChosenValuesAndScope_AreInTheFault()
    {
        await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "create-refused", ["value-create-refused"] = "409", ["times"] = "always" });
        var fault = (await WaitingAsync()).ShouldHaveSingleItem();
        (fault.GetProperty("status").GetInt32(), fault.GetProperty("times").GetInt32()).ShouldBe((409, 0));

        // Enter in a field presses the first button, which sets nothing and keeps the scope.
        using var kept = await PostFormAsync("/sandbox/rehearsal", new() { ["times"] = "always", ["only"] = "a&b" });
        kept.Headers.Location!.OriginalString.ShouldBe("/sandbox?times=always&only=a%26b");
        using var wrong = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "create-slow", ["value-create-slow"] = "long" });
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("Seconds must be a whole number");
        (await WaitingAsync()).Count.ShouldBe(1);

        await PostFormAsync("/sandbox/rehearsal/clock", new() { ["move"] = "86400" });
        (await fixture.Http.GetFromJsonAsync<JsonElement>("/sandbox/clock")).GetProperty("offsetSeconds").GetDouble().ShouldBe(86_400);
        (await fixture.Http.GetStringAsync("/sandbox")).ShouldContain("1 d 00:00:00 ahead of the machine");
        await PostFormAsync("/sandbox/rehearsal/clock", new() { ["move"] = "reset" });
        (await fixture.Http.GetFromJsonAsync<JsonElement>("/sandbox/clock")).GetProperty("offsetSeconds").GetDouble().ShouldBe(0);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Page_FormOfAnotherOrigin_IsRefused(string header, string value)
    {
        foreach (var (path, field, chosen) in new[] { ("", "switch", "deny"), ("/remove", "fault", "all"), ("/clock", "move", "86400") })
        {
            await fixture.Sandbox.ClearFaultsAsync();
            await FaultAsync(new { kind = "createTwice" });
            using var answer = await PostFormAsync("/sandbox/rehearsal" + path, new() { [field] = chosen }, (header, value));
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await WaitingAsync()).ShouldHaveSingleItem().GetProperty("kind").GetString().ShouldBe("createTwice");
            (await fixture.Http.GetFromJsonAsync<JsonElement>("/sandbox/clock")).GetProperty("offsetSeconds").GetDouble().ShouldBe(0);
        }

        using var own = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "deny" }, ("Origin", fixture.Sandbox.Address.GetLeftPart(UriPartial.Authority)));
        own.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Page_WhateverComesFromOutside_IsEncoded()
    {
        const string markup = "\"><b>zq'&";
        await FaultAsync(new { match = "GET /ping*", status = 500, only = markup });
        await FaultAsync(new { kind = "urlOtherClientId", value = markup });
        await OAuthUrlAsync();
        await FaultAsync(new { kind = "urlNotAnUrl", value = markup });
        await SendAsync("GET", "/ping/" + Uri.EscapeDataString(markup) + "?x=" + Uri.EscapeDataString(markup));
        await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "url-none", ["value-url-none"] = markup, ["only"] = markup });
        using var wrong = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = "own", ["own"] = markup, ["only"] = markup, ["times"] = markup });
        using var unknown = await PostFormAsync("/sandbox/rehearsal", new() { ["switch"] = markup });
        var query = Uri.EscapeDataString(markup);

        var pages = new[]
        {
            await fixture.Http.GetStringAsync($"/sandbox?only={query}&set={query}&times={query}&live={query}"),
            await fixture.Http.GetStringAsync($"/sandbox?only={query}&live=1"),
            await fixture.Http.GetStringAsync("/sandbox/journal"),
            await wrong.Content.ReadAsStringAsync(),
            await unknown.Content.ReadAsStringAsync(),
        };
        foreach (var page in pages) page.ShouldNotContain("<b>zq");
        pages[0].ShouldContain("&quot;&gt;&lt;b&gt;zq");
        pages[0].ShouldContain("urlOtherClientId");
        pages[2].ShouldContain("urlOtherClientId");
    }

    [Fact]
    public async Task Page_RefreshesOnlyWhenAskedTo()
    {
        const string refresh = "http-equiv=\"refresh\"";
        (await fixture.Http.GetStringAsync("/sandbox")).ShouldNotContain(refresh);
        using var live = await fixture.Http.GetAsync("/sandbox/rehearsal?live=1");
        (await live.Content.ReadAsStringAsync()).ShouldContain(refresh);
        live.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; style-src 'self'");
        (await fixture.Http.GetStringAsync("/")).ShouldContain("href=\"/sandbox\"");
    }

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

    private static async Task<(long Id, string Token)> MadeAsync(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var made = await JsonAsync(answer);
        return (Id(made), made.GetProperty("token").GetString()!);
    }

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
