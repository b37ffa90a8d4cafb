using AdminPortal.Chaos.Driving;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>
/// Each switch of the sandbox, at each call of an attempt, leads to exactly one final state and one sentence. The portal
/// is the published one, the person a browser over HTTP, and waiting is done by moving the portal's clock.
/// </summary>
[Trait(Suite.Name, Suite.All)]
public sealed partial class FaultMatrixTests(RehearsalStage stage) : IClassFixture<RehearsalStage>
{
    private const string Url = "POST /elements/*/oauth/url";
    private const string Requirements = "GET /elements/*/configuration";
    private const string Element = "GET /elements/infusionsoftrest";
    private const string Create = "POST /instances";
    private const string List = "GET /instances";
    private const string Ping = "GET /ping";

    // Far longer than GivesUpAfter: the row ends when the client gives up.
    private const int TooLong = 60_000;

    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, (object[] Faults, string Sentence)> BeforeLeaving = new()
    {
        ["url 400"] = ([new { match = Url, status = 400, message = "Planted refusal" }], "Planted refusal"),
        ["url 401"] = ([new { match = Url, status = 401, message = "No valid credentials" }], "did not accept the organization secret"),
        ["url 403"] = ([new { match = Url, status = 403, message = "Not yours" }], "Not yours"),
        ["url 404"] = ([new { match = Url, status = 404, message = "No element found" }], "No element found"),
        ["url 409"] = ([new { match = Url, status = 409, message = "Planted conflict" }], "Planted conflict"),
        ["url 429"] = ([new { match = Url, status = 429, retryAfterSeconds = 1 }], "is busy and turned the request away"),
        ["url 500"] = ([new { match = Url, status = 500 }], "status 500"),
        ["url 502 with a page"] = ([new { match = Url, status = 502, body = "html" }], "status 502"),
        ["url 503"] = ([new { match = Url, status = 503 }], "status 503"),
        ["url dropped before"] = ([new { match = Url, drop = "before" }], "The connection broke"),
        ["url dropped after"] = ([new { match = Url, drop = "after" }], "The connection broke"),
        ["url malformed"] = ([new { match = Url, body = "malformed" }], "not one that the platform's API gives"),
        ["url truncated"] = ([new { match = Url, body = "truncated" }], "not one that the platform's API gives"),
        ["url cut"] = ([new { match = Url, body = "cut" }], "The connection broke"),
        ["url empty"] = ([new { match = Url, body = "empty" }], "not one that the platform's API gives"),
        ["url with another redirect URI"] = ([new { kind = "urlOtherRedirectUri" }], "does not lead back to"),
        ["url with another state"] = ([new { kind = "urlOtherState" }], "one-time state"),
        ["url with another client ID"] = ([new { kind = "urlOtherClientId" }], "names another provider app"),
        ["url on another host"] = ([new { kind = "urlOtherHost" }], "not a sign-in host"),
        ["url without TLS"] = ([new { kind = "urlPlainHttp" }], "not an address that a person can safely be sent to"),
        ["url that is none"] = ([new { kind = "urlNotAnUrl" }], "not an address that a person can safely be sent to"),
        ["requirements 400"] = ([new { match = Requirements, status = 400, message = "Planted refusal" }], "Planted refusal"),
        ["requirements 401"] = ([new { match = Requirements, status = 401 }], "did not accept the organization secret"),
        ["requirements 403"] = ([new { match = Requirements, status = 403, message = "Not yours" }], "Not yours"),
        ["requirements 404"] = ([new { match = Requirements, status = 404, message = "No element found" }], "No element found"),
        ["requirements 409"] = ([new { match = Requirements, status = 409, message = "Planted conflict" }], "Planted conflict"),
        ["requirements 429"] = ([new { match = Requirements, status = 429, retryAfterSeconds = 60 }], "is busy and turned the request away"),
        ["requirements 500"] = ([new { match = Requirements, status = 500, times = "always" }], "status 500"),
        ["requirements 502 with a page"] = ([new { match = Requirements, status = 502, body = "html", times = "always" }], "status 502"),
        ["requirements 503"] = ([new { match = Requirements, status = 503, times = "always" }], "status 503"),
        ["requirements dropped before"] = ([new { match = Requirements, drop = "before", times = "always" }], "The connection broke"),
        ["requirements dropped after"] = ([new { match = Requirements, drop = "after", times = "always" }], "The connection broke"),
        ["requirements malformed"] = ([new { match = Requirements, body = "malformed" }], "not one that the platform's API gives"),
        ["requirements truncated"] = ([new { match = Requirements, body = "truncated" }], "not one that the platform's API gives"),
        ["requirements cut"] = ([new { match = Requirements, body = "cut", times = "always" }], "The connection broke"),
        ["requirements with a page"] = ([new { match = Requirements, body = "html" }], "not one that the platform's API gives"),
        ["requirements empty"] = ([new { match = Requirements, body = "empty" }], "not one that the platform's API gives"),
        ["everything dropped"] = ([new { match = "*", drop = "before", times = "always" }], "The connection broke"),
        ["element 404"] = ([new { match = Element, status = 404, message = "No element found" }], "does not know Infusionsoft REST"),
    };

    /// <summary>Whether the element is switched on is worth a warning alone: who accepts it goes on.</summary>
    private static readonly Dictionary<string, object> Warned = new()
    {
        ["element 400"] = new { match = Element, status = 400 },
        ["element 401"] = new { match = Element, status = 401 },
        ["element 403"] = new { match = Element, status = 403 },
        ["element 409"] = new { match = Element, status = 409 },
        ["element 429"] = new { match = Element, status = 429, retryAfterSeconds = 60 },
        ["element 500"] = new { match = Element, status = 500, times = "always" },
        ["element 502 with a page"] = new { match = Element, status = 502, body = "html", times = "always" },
        ["element 503"] = new { match = Element, status = 503, times = "always" },
        ["element dropped before"] = new { match = Element, drop = "before", times = "always" },
        ["element dropped after"] = new { match = Element, drop = "after", times = "always" },
        ["element malformed"] = new { match = Element, body = "malformed" },
        ["element truncated"] = new { match = Element, body = "truncated" },
        ["element cut"] = new { match = Element, body = "cut", times = "always" },
        ["element with a page"] = new { match = Element, body = "html" },
        ["element empty"] = new { match = Element, body = "empty" },
    };

    /// <summary>Nobody is sent back from these. Each happens at every page of the sign-in, or at the one that is named.</summary>
    private static readonly Dictionary<string, object> NotSentBack = new()
    {
        ["sign-in down"] = new { match = "* /app/oauth/*", status = 503 },
        ["sign-in down after the user name"] = new { match = "POST /app/oauth/signin", status = 500 },
        ["sign-in down at the consent"] = new { match = "POST /app/oauth/consent", status = 502 },
        ["sign-in cut before its first page"] = new { match = "GET /app/oauth/authorize", drop = "before" },
        ["sign-in cut after the user name"] = new { match = "POST /app/oauth/signin", drop = "after" },
        ["consent cut before"] = new { match = "POST /app/oauth/consent", drop = "before" },
        ["consent cut after"] = new { match = "POST /app/oauth/consent", drop = "after" },
    };

    private static readonly Dictionary<string, (object[] Faults, string State, string? Reason, string Sentence)> AtTheProvider = new()
    {
        ["denied"] = ([new { kind = "consentDeny" }], "Denied", "AccessDenied", "Access was not granted"),
        ["provider error"] = ([new { kind = "consentError", value = "temporarily_unavailable", message = "Planted by the provider" }], "Denied", "ProviderError", "Planted by the provider"),
        ["code and error"] = ([new { kind = "callbackCodeAndError", value = "server_error" }], "Denied", "ProviderError", "Infusionsoft reported an error"),
        ["slow"] = ([new { match = "POST /app/oauth/consent", delayMilliseconds = 300 }], "Active", null, "Instance created"),
        ["no scope"] = ([new { kind = "callbackNoScope" }], "Active", null, "Instance created"),
        ["expired code"] = ([new { kind = "codeExpired" }], "Failed", "Refused", "The platform refused"),
        ["reused code"] = ([new { kind = "codeReused" }], "Failed", "Refused", "The platform refused"),
        ["another account, none entered"] = ([new { kind = "callbackOtherTenant" }], "Active", null, "Instance created"),
    };

    private static readonly Dictionary<string, (object[] Faults, string State, string? Reason, string Sentence, int Made)> AtThePlatform = new()
    {
        ["nothing wrong"] = ([], "Active", null, "Instance created", 1),
        ["create 400"] = ([new { match = Create, status = 400, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal", 0),
        ["create 401"] = ([new { match = Create, status = 401, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal", 0),
        ["create 403"] = ([new { match = Create, status = 403, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal", 0),
        ["create 404"] = ([new { match = Create, status = 404, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal", 0),
        ["create 409"] = ([new { match = Create, status = 409, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal", 0),
        ["create 429 once"] = ([new { match = Create, status = 429, retryAfterSeconds = 7 }], "Active", null, "Instance created", 1),
        ["create 429 for good"] = ([new { match = Create, status = 429, retryAfterSeconds = 7, times = "always" }], "Failed", "Busy", "The platform stayed busy", 0),
        ["create 429 until tomorrow"] = ([new { match = Create, status = 429, retryAfterSeconds = 86_400 }], "Failed", "Busy", "The platform stayed busy", 0),
        ["create 500"] = ([new { match = Create, status = 500 }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["create 502 with a page"] = ([new { match = Create, status = 502, body = "html" }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["create 503"] = ([new { match = Create, status = 503, retryAfterSeconds = 5 }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["create dropped before"] = ([new { match = Create, drop = "before" }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["create dropped after"] = ([new { match = Create, drop = "after" }], "Active", null, "Instance created", 1),
        ["create answered with malformed JSON"] = ([new { match = Create, body = "malformed" }], "Active", null, "Instance created", 1),
        ["create answered with truncated JSON"] = ([new { match = Create, body = "truncated" }], "Active", null, "Instance created", 1),
        ["create cut in the middle"] = ([new { match = Create, body = "cut" }], "Active", null, "Instance created", 1),
        ["create answered with a page"] = ([new { match = Create, body = "html" }], "Active", null, "Instance created", 1),
        ["create answered with nothing"] = ([new { match = Create, body = "empty" }], "Active", null, "Instance created", 1),
        ["create held up before"] = ([new { match = Create, delayMilliseconds = 400, delayFirst = true }], "Active", null, "Instance created", 1),
        ["create held up after"] = ([new { match = Create, delayMilliseconds = 400 }], "Active", null, "Instance created", 1),
        ["create answered drop by drop"] = ([new { match = Create, slowBodySeconds = 2 }], "Active", null, "Instance created", 1),
        ["created twice"] = ([new { kind = "createTwice" }], "Active", null, "The platform made a second instance", 2),
        ["created twice and not answered"] = ([new { kind = "createTwice", drop = "after" }], "Active", null, "The platform made a second instance", 2),
        ["search 500"] = ([new { match = Create, drop = "after" }, new { match = List, status = 500, times = 4 }], "Active", null, "Instance created", 1),
        ["search 401"] = ([new { match = Create, drop = "after" }, new { match = List, status = 401, times = 2 }], "Active", null, "Instance created", 1),
        ["search 404 that says nothing of instances, nothing there"] = ([new { match = Create, drop = "before" }, new { match = List, status = 404, message = "Not here", times = 2 }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["search 503"] = ([new { match = Create, drop = "after" }, new { match = List, status = 503, times = 4 }], "Active", null, "Instance created", 1),
        ["search 502 with a page"] = ([new { match = Create, drop = "after" }, new { match = List, status = 502, body = "html", times = 4 }], "Active", null, "Instance created", 1),
        ["search 429"] = ([new { match = Create, drop = "after" }, new { match = List, status = 429, retryAfterSeconds = 60, times = 2 }], "Active", null, "Instance created", 1),
        ["search dropped"] = ([new { match = Create, drop = "after" }, new { match = List, drop = "before", times = 4 }], "Active", null, "Instance created", 1),
        ["search malformed"] = ([new { match = Create, drop = "after" }, new { match = List, body = "malformed", times = 2 }], "Active", null, "Instance created", 1),
        ["search cut"] = ([new { match = Create, drop = "after" }, new { match = List, body = "cut", times = 4 }], "Active", null, "Instance created", 1),
        ["search answered with nothing, nothing there"] = ([new { match = Create, drop = "before" }, new { match = List, body = "empty", times = 2 }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["search with empty pages"] = ([new { match = Create, drop = "after" }, new { kind = "listEmptyPage", times = "always" }], "Active", null, "Instance created", 1),
        ["search with empty pages, nothing there"] = ([new { match = Create, drop = "before" }, new { kind = "listEmptyPage", times = 6 }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["search that ignores the tag"] = ([new { match = Create, drop = "after" }, new { kind = "listIgnoreTags", times = "always" }], "Active", null, "Instance created", 1),
        ["search with a repeated cursor, then well"] = ([new { match = Create, drop = "before" }, new { kind = "listRepeatedToken", times = 12 }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["verification 500"] = ([new { match = List, status = 500, times = "always" }], "Active", null, "Instance created", 1),
        ["verification: ping 401"] = ([new { match = Ping, status = 401, message = "No valid element token" }], "Active", null, "Instance created", 1),
        ["verification: ping 403"] = ([new { match = Ping, status = 403, message = "Not yours" }], "Active", null, "Instance created", 1),
        ["verification: ping 500"] = ([new { match = Ping, status = 500, times = 3 }], "Active", null, "Instance created", 1),
        ["verification: ping malformed"] = ([new { match = Ping, body = "malformed" }], "Active", null, "Instance created", 1),
        ["everything dropped for a while"] = ([new { match = Create, drop = "after" }, new { match = "*", drop = "before", times = 6 }], "Active", null, "Instance created", 1),
        ["verification: ping dropped"] = ([new { match = Ping, drop = "before", times = 3 }], "Active", null, "Instance created", 1),
    };

    /// <summary>What takes longer than the client waits. It gives up after a moment, and the sandbox notices that.</summary>
    private static readonly Dictionary<string, (object[] Faults, string State, string? Reason, string Sentence, int Made)> GivenUp = new()
    {
        ["create answered too late"] = ([new { match = Create, delayMilliseconds = TooLong }], "Active", null, "Instance created", 1),
        ["create answered too slowly"] = ([new { match = Create, slowBodySeconds = 60 }], "Active", null, "Instance created", 1),
        ["created twice and answered too late"] = ([new { kind = "createTwice", delayMilliseconds = TooLong }], "Active", null, "The platform made a second instance", 2),
        ["create refused too late"] = ([new { match = Create, status = 400, delayMilliseconds = TooLong }], "Failed", "NothingCreated", "Nothing was created", 0),
        ["search answered too late"] = ([new { match = Create, drop = "after" }, new { match = List, delayMilliseconds = TooLong }], "Active", null, "Instance created", 1),
        ["verification answered too late"] = ([new { match = Ping, delayMilliseconds = TooLong }], "Active", null, "Instance created", 1),
    };

    /// <summary>Addresses under which no platform is reached: nothing of a request can have been sent.</summary>
    private static readonly Dictionary<string, (Func<Uri, Uri> Address, string Sentence, string Told)> OutOfReach = new()
    {
        ["nobody listens"] = (_ => new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}"), "Nobody answered at that address", "NotConnected"),
        ["a name that is nobody's"] = (_ => new Uri("https://platform.invalid"), "The host name does not resolve", "NameNotFound"),
        ["TLS to a plain port"] = (sandbox => new Uri($"https://127.0.0.1:{sandbox.Port}"), "The secure connection could not be made", "Tls"),
    };

    public static TheoryData<string> NamesBeforeLeaving => [.. BeforeLeaving.Keys];

    public static TheoryData<string> NamesWarned => [.. Warned.Keys];

    public static TheoryData<string> NamesNotSentBack => [.. NotSentBack.Keys];

    public static TheoryData<string> NamesGivenUp => [.. GivenUp.Keys];

    public static TheoryData<string> NamesOutOfReach => [.. OutOfReach.Keys];

    public static TheoryData<string> NamesAtTheProvider => [.. AtTheProvider.Keys];

    public static TheoryData<string> NamesAtThePlatform => [.. AtThePlatform.Keys];

    [Theory]
    [MemberData(nameof(NamesBeforeLeaving))]
    public async Task Fault_BeforeLeaving_StopsWithItsSentenceAndTheDraftStays(string name)
    {
        var (faults, sentence) = BeforeLeaving[name];
        var walk = await stage.NewWalkAsync();
        var id = await walk.DraftAsync();
        foreach (var fault in faults) await stage.Sandbox.FaultAsync(fault);

        var problems = await stage.Portal.Main.AuthorizeAsync(id);

        string.Join('\n', problems).ShouldContain(sentence, Case.Insensitive);
        (await stage.Portal.Main.AttemptAsync(id)).State.ShouldBe("Draft");

        // What was wrong is over: the same draft goes on.
        await stage.Sandbox.ClearFaultsAsync();
        (await walk.RunAsync()).State.ShouldBe("Active");
    }

    [Theory]
    [InlineData(Url)]
    [InlineData(Requirements)]
    public async Task Fault_LongerThanTheClientWaitsBeforeLeaving_StopsWithItsSentence(string match)
    {
        var walk = await stage.NewWalkAsync();
        var id = await walk.DraftAsync();
        await stage.Sandbox.FaultAsync(new { match, delayMilliseconds = TooLong });
        await stage.Portal.Main.GiveUpAfterAsync(GivesUpAfter);

        var problems = await stage.Portal.Main.AuthorizeAsync(id);

        problems.ShouldHaveSingleItem().ShouldContain("did not answer within 30 seconds");
        (await stage.Portal.Main.AttemptAsync(id)).State.ShouldBe("Draft");
    }

    [Theory]
    [MemberData(nameof(NamesWarned))]
    public async Task Fault_AtTheElement_IsAWarningThatIsWrittenDown(string name)
    {
        var walk = await stage.NewWalkAsync();
        await stage.Sandbox.FaultAsync(Warned[name]);

        var end = await walk.RunAsync();

        await CheckAsync(walk, end, "Active", null, "Whether Infusionsoft REST is switched on could not be found out", made: 1);
    }

    [Theory]
    [MemberData(nameof(NamesOutOfReach))]
    public async Task OutOfReach_BeforeLeaving_StopsWithItsSentenceAndTheDraftStays(string name)
    {
        var (address, sentence, _) = OutOfReach[name];
        var account = await stage.Portal.Main.AccountAsync(stage.Sandbox, address(stage.Sandbox.Address), "Out of reach: " + name);
        var walk = await stage.NewWalkAsync(account: account);
        var id = await walk.DraftAsync();

        string.Join('\n', await stage.Portal.Main.AuthorizeAsync(id)).ShouldContain(sentence);
        (await stage.Portal.Main.AttemptAsync(id)).State.ShouldBe("Draft");

        await stage.Portal.Main.AccountAsync(stage.Sandbox, stage.Sandbox.Address, "Out of reach: " + name, account);
        (await walk.RunAsync()).State.ShouldBe("Active");
    }

    [Theory]
    [MemberData(nameof(NamesOutOfReach))]
    public async Task OutOfReach_AfterTheConsent_IsTriedWhileTheCodeIsGoodAndEndsWithItsSentence(string name)
    {
        var (address, _, told) = OutOfReach[name];
        var account = await stage.Portal.Main.AccountAsync(stage.Sandbox, stage.Sandbox.Address, "Goes away: " + name);
        var walk = await stage.NewWalkAsync(account: account);
        await walk.LeaveAsync();
        await stage.Portal.Main.AccountAsync(stage.Sandbox, address(stage.Sandbox.Address), "Goes away: " + name, account);

        await walk.ReturnAsync();
        var end = await walk.WaitForTheEndAsync();

        await CheckAsync(walk, end, "Failed", "Unreachable", "The platform could not be reached", made: 0);
        end.Message.ShouldBe(told);
        end.Tries.ShouldBeGreaterThan(2);
        (await stage.Sandbox.CountCreationsAsync(end.PortalTag)).Asked.ShouldBe(0);
    }

    [Fact]
    public async Task OutOfReach_ForAWhile_IsReachedWithTheSameCode()
    {
        var account = await stage.Portal.Main.AccountAsync(stage.Sandbox, stage.Sandbox.Address, "Comes back");
        var walk = await stage.NewWalkAsync(account: account);
        await walk.LeaveAsync();
        await stage.Portal.Main.AccountAsync(stage.Sandbox, new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}"), "Comes back", account);
        await walk.ReturnAsync();
        await WaitForAsync(walk, report => report is { State: "CodeReceived", Tries: > 0 });

        await stage.Portal.Main.AccountAsync(stage.Sandbox, stage.Sandbox.Address, "Comes back", account);

        await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Active", null, "Instance created", made: 1);
    }

    [Theory]
    [InlineData(false, "Active", null, "Instance created", 1)]
    [InlineData(true, "Failed", "Unreachable", "The platform could not be reached", 0)]
    public async Task Fault_NobodyListensFromTheConsentOn_IsTriedWhileTheCodeIsGood(bool forGood, string state, string? reason, string sentence, int made)
    {
        var walk = await stage.NewWalkAsync();
        await stage.Sandbox.FaultAsync(new { kind = "platformGone", seconds = 2 });
        await walk.LeaveAsync();
        await walk.ReturnAsync();
        // Nothing was sent: that is proved by the refused connection, or it would be no clear answer.
        await WaitForAsync(walk, report => report is { State: "CodeReceived", Tries: > 0, Reason: "Unreachable" });

        if (forGood) await stage.Portal.AdvanceAsync(TimeSpan.FromMinutes(5));
        else await stage.Sandbox.WaitUntilBackAsync();
        var end = await walk.WaitForTheEndAsync();

        await stage.Sandbox.WaitUntilBackAsync();
        await CheckAsync(walk, end, state, reason, sentence, made);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fault_ForOneAttempt_IsMetByThatOneAlone(bool byPage)
    {
        var (other, one) = (await stage.NewWalkAsync(), await stage.NewWalkAsync());
        await other.LeaveAsync();
        await one.LeaveAsync();
        var only = (await stage.Portal.Main.AttemptAsync(one.AttemptId)).PortalTag;
        if (byPage) await stage.Sandbox.SetSwitchAsync("create-refused", only);
        else await stage.Sandbox.FaultAsync(new { match = Create, status = 400, only });

        await other.ReturnAsync();
        var othersEnd = await other.WaitForTheEndAsync();
        await one.ReturnAsync();
        var end = await one.WaitForTheEndAsync();

        await CheckAsync(other, othersEnd, "Active", null, "Instance created", made: 1);
        await CheckAsync(one, end, "Failed", "Refused", "The platform refused", made: 0);
    }

    private async Task CheckAsync(Walk walk, AttemptReport end, string state, string? reason, string sentence, int made)
    {
        var told = string.Join("; ", end.History.Select(line => $"{line.Event} {line.Detail}"));
        end.State.ShouldBe(state, told);
        end.Reason.ShouldBe(reason, told);
        end.HasCode.ShouldBeFalse();
        (await stage.ReadAsync($"/connect/{walk.AttemptId}")).ShouldContain(sentence);
        var instances = await stage.Sandbox.InstancesAsync(end.PortalTag);
        instances.Count.ShouldBe(made, told);
        (await stage.Sandbox.CountCreationsAsync(end.PortalTag)).CarriedOut.ShouldBeLessThanOrEqualTo(1);
        if (state == "Active") (await stage.Portal.Main.TokenHashAsync(end.InstanceId!.Value)).ShouldBe(instances.Single(row => row.Id == end.PlatformInstanceId).TokenHash);
    }

    private async Task WaitForAsync(Walk walk, Func<AttemptReport, bool> reached)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!reached(await stage.Portal.Main.AttemptAsync(walk.AttemptId))) await Task.Delay(25, timeout.Token);
    }
}
