using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Web;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <content>Faults of the API.</content>
public sealed partial class SandboxRehearsalTests
{
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
}
