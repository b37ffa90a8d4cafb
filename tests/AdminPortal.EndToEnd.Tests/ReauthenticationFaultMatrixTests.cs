using AdminPortal.Chaos.Driving;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>
/// The fault matrix for authorizing an instance again: each switch, at each call of it, leads to exactly one final state and
/// one sentence, and the instance was authorized again where the attempt says so and nowhere else.
/// </summary>
[Trait(Suite.Name, Suite.All)]
public sealed class ReauthenticationFaultMatrixTests(RehearsalStage stage) : IClassFixture<RehearsalStage>
{
    private const string Look = "GET /instances/*";
    private const string Put = "PUT /instances/*";
    private const string Ping = "GET /ping";

    // Far longer than GivesUpAfter: the row ends when the client gives up.
    private const int TooLong = 60_000;

    private const string Done = "Instance authorized again";
    private const string NotDone = "Nothing was changed";

    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromSeconds(1);

    /// <summary>The instance is read before it is authorized again: this lets that look pass and leaves what follows to those after it.</summary>
    private static readonly object FirstLook = new { match = Look, delayMilliseconds = 1 };

    private static readonly Dictionary<string, (object Fault, string Sentence)> BeforeLeaving = new()
    {
        ["look 400"] = (new { match = Look, status = 400, message = "Planted refusal" }, "Planted refusal"),
        ["look 401"] = (new { match = Look, status = 401 }, "did not accept the organization secret"),
        ["look 403"] = (new { match = Look, status = 403, message = "Not yours" }, "Not yours"),
        ["look 404"] = (new { match = Look, status = 404 }, "any more, so it cannot be authorized again"),
        ["look 409"] = (new { match = Look, status = 409, message = "Planted conflict" }, "Planted conflict"),
        ["look 429"] = (new { match = Look, status = 429, retryAfterSeconds = 60 }, "is busy and turned the request away"),
        ["look 500"] = (new { match = Look, status = 500, times = "always" }, "status 500"),
        ["look 502 with a page"] = (new { match = Look, status = 502, body = "html", times = "always" }, "status 502"),
        ["look 503"] = (new { match = Look, status = 503, times = "always" }, "status 503"),
        ["look dropped before"] = (new { match = Look, drop = "before", times = "always" }, "The connection broke"),
        ["look malformed"] = (new { match = Look, body = "malformed" }, "not one that the platform's API gives"),
        ["look cut"] = (new { match = Look, body = "cut", times = "always" }, "The connection broke"),
    };

    private static readonly Dictionary<string, (object Fault, string State, string Reason, string Sentence)> AtTheProvider = new()
    {
        ["denied"] = (new { kind = "consentDeny" }, "Denied", "AccessDenied", "Access was not granted"),
        ["provider error"] = (new { kind = "consentError", message = "Planted by the provider" }, "Denied", "ProviderError", "Planted by the provider"),
        ["expired code"] = (new { kind = "codeExpired" }, "Failed", "Refused", "The platform refused"),
        ["reused code"] = (new { kind = "codeReused" }, "Failed", "Refused", "The platform refused"),
    };

    private static readonly Dictionary<string, (object[] Faults, string State, string? Reason, string Sentence)> AtThePlatform = new()
    {
        ["nothing wrong"] = ([], "Active", null, Done),
        ["put 400"] = ([new { match = Put, status = 400, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal"),
        ["put 401"] = ([new { match = Put, status = 401, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal"),
        ["put 403"] = ([new { match = Put, status = 403, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal"),
        ["put 404"] = ([new { match = Put, status = 404 }], "Failed", "Refused", "The platform refused"),
        ["put 404 and the instance is gone"] =
            ([new { match = Put, status = 404 }, FirstLook, new { match = Look, status = 404, times = "always" }],
            "Failed", "TargetGone", "The instance is not there any more"),
        ["put 409"] = ([new { match = Put, status = 409, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal"),
        ["put 429 once"] = ([new { match = Put, status = 429, retryAfterSeconds = 7 }], "Active", null, Done),
        ["put 429 for good"] = ([new { match = Put, status = 429, retryAfterSeconds = 7, times = "always" }], "Failed", "Busy", "The platform stayed busy"),
        ["put 500"] = ([new { match = Put, status = 500 }], "Failed", "NothingChanged", NotDone),
        ["put 502 with a page"] = ([new { match = Put, status = 502, body = "html" }], "Failed", "NothingChanged", NotDone),
        ["put 503"] = ([new { match = Put, status = 503 }], "Failed", "NothingChanged", NotDone),
        ["put dropped before"] = ([new { match = Put, drop = "before" }], "Failed", "NothingChanged", NotDone),
        ["put dropped after"] = ([new { match = Put, drop = "after" }], "Active", null, Done),
        ["put answered with malformed JSON"] = ([new { match = Put, body = "malformed" }], "Active", null, Done),
        ["put answered with truncated JSON"] = ([new { match = Put, body = "truncated" }], "Active", null, Done),
        ["put cut in the middle"] = ([new { match = Put, body = "cut" }], "Active", null, Done),
        ["put answered with a page"] = ([new { match = Put, body = "html" }], "Active", null, Done),
        ["put answered with nothing"] = ([new { match = Put, body = "empty" }], "Active", null, Done),
        ["put held up"] = ([new { match = Put, delayMilliseconds = 400, delayFirst = true }], "Active", null, Done),
        ["look 401"] = ([new { match = Look, status = 401, message = "Planted refusal" }], "Failed", "Refused", "Planted refusal"),
        ["look 404"] = ([new { match = Look, status = 404 }], "Failed", "Refused", "The platform refused"),
        ["look 429 once"] = ([new { match = Look, status = 429, retryAfterSeconds = 60 }], "Active", null, Done),
        ["look 429 for good"] = ([new { match = Look, status = 429, retryAfterSeconds = 60, times = "always" }], "Failed", "Busy", "The platform stayed busy"),
        ["look 500 for a while"] = ([new { match = Look, status = 500, times = 4 }], "Active", null, Done),
        ["look dropped for a while"] = ([new { match = Look, drop = "before", times = 4 }], "Active", null, Done),
        ["look malformed"] = ([new { match = Look, body = "malformed" }], "Active", null, Done),
        ["look answered with nothing"] = ([new { match = Look, body = "empty" }], "Active", null, Done),
        ["search 401"] = ([new { match = Put, drop = "after" }, FirstLook, new { match = Look, status = 401, times = 2 }], "Active", null, Done),
        ["search 404 for a while"] = ([new { match = Put, drop = "after" }, FirstLook, new { match = Look, status = 404, times = 2 }], "Active", null, Done),
        ["search 404 for good"] = ([new { match = Put, drop = "before" }, FirstLook, new { match = Look, status = 404, times = "always" }], "Failed", "TargetGone", "The instance is not there any more"),
        ["search 429"] = ([new { match = Put, drop = "after" }, FirstLook, new { match = Look, status = 429, retryAfterSeconds = 60, times = 2 }], "Active", null, Done),
        ["search 500"] = ([new { match = Put, drop = "after" }, FirstLook, new { match = Look, status = 500, times = 4 }], "Active", null, Done),
        ["search dropped"] = ([new { match = Put, drop = "after" }, FirstLook, new { match = Look, drop = "before", times = 4 }], "Active", null, Done),
        ["search malformed"] = ([new { match = Put, drop = "after" }, FirstLook, new { match = Look, body = "malformed", times = 2 }], "Active", null, Done),
        ["search malformed, nothing done"] = ([new { match = Put, drop = "before" }, FirstLook, new { match = Look, body = "malformed", times = 2 }], "Failed", "NothingChanged", NotDone),
        ["verification: look 500"] = ([FirstLook, new { match = Look, status = 500, times = 3 }], "Active", null, Done),
        ["verification: ping 401"] = ([new { match = Ping, status = 401, message = "No valid element token" }], "Active", null, Done),
        ["verification: ping dropped"] = ([new { match = Ping, drop = "before", times = 3 }], "Active", null, Done),
    };

    private static readonly Dictionary<string, (object[] Faults, string State, string? Reason, string Sentence)> GivenUp = new()
    {
        ["put answered too late"] = ([new { match = Put, delayMilliseconds = TooLong }], "Active", null, Done),
        ["put refused too late"] = ([new { match = Put, status = 400, delayMilliseconds = TooLong }], "Failed", "NothingChanged", NotDone),
        ["look answered too late"] = ([new { match = Look, delayMilliseconds = TooLong }], "Active", null, Done),
        ["search answered too late"] = ([new { match = Put, drop = "after" }, FirstLook, new { match = Look, delayMilliseconds = TooLong }], "Active", null, Done),
    };

    /// <summary>How far the platform's clock is ahead of the portal's, in seconds, and whether an unanswered request was carried out.</summary>
    private static readonly Dictionary<string, (int Ahead, object Fault, string State, string? Reason, string Sentence)> Clocks = new()
    {
        ["behind by less than what is allowed for, done"] = (-30, new { match = Put, drop = "after" }, "Active", null, Done),
        ["behind by less than what is allowed for, not done"] = (-30, new { match = Put, drop = "before" }, "Failed", "NothingChanged", NotDone),
        ["ahead, done"] = (600, new { match = Put, drop = "after" }, "Active", null, Done),
        ["ahead, not done"] = (600, new { match = Put, drop = "before" }, "Failed", "NothingChanged", NotDone),
        ["behind by a lot, done"] = (-600, new { match = Put, drop = "after" }, "Active", null, Done),
        ["behind by a lot, not done"] = (-600, new { match = Put, drop = "before" }, "Failed", "NothingChanged", NotDone),
    };

    public static TheoryData<string> NamesBeforeLeaving => [.. BeforeLeaving.Keys];

    public static TheoryData<string> NamesAtTheProvider => [.. AtTheProvider.Keys];

    public static TheoryData<string> NamesAtThePlatform => [.. AtThePlatform.Keys];

    public static TheoryData<string> NamesGivenUp => [.. GivenUp.Keys];

    public static TheoryData<string> NamesOfClocks => [.. Clocks.Keys];

    [Theory]
    [MemberData(nameof(NamesBeforeLeaving))]
    public async Task Fault_BeforeLeaving_StopsWithItsSentenceAndTheDraftStays(string name)
    {
        var (fault, sentence) = BeforeLeaving[name];
        var target = await TargetAsync();
        var id = await target.Walk.DraftAsync();
        await stage.Sandbox.FaultAsync(fault);

        var problems = await stage.Portal.Main.AuthorizeAsync(id);

        string.Join('\n', problems).ShouldContain(sentence, Case.Insensitive);
        (await stage.Portal.Main.AttemptAsync(id)).State.ShouldBe("Draft");
    }

    [Theory]
    [MemberData(nameof(NamesAtTheProvider))]
    public async Task Fault_AtTheProvider_EndsInOneStateAndOneSentence(string name)
    {
        var (fault, state, reason, sentence) = AtTheProvider[name];
        var target = await TargetAsync();
        await stage.Sandbox.FaultAsync(fault);

        await CheckAsync(target, await target.Walk.RunAsync(), state, reason, sentence);
    }

    [Theory]
    [MemberData(nameof(NamesAtThePlatform))]
    public async Task Fault_AtThePlatform_EndsInOneStateAndOneSentence(string name)
    {
        var (faults, state, reason, sentence) = AtThePlatform[name];
        var target = await TargetAsync();
        await target.Walk.LeaveAsync();
        foreach (var fault in faults) await stage.Sandbox.FaultAsync(fault);

        await target.Walk.ReturnAsync();

        await CheckAsync(target, await target.Walk.WaitForTheEndAsync(), state, reason, sentence);
    }

    [Theory]
    [MemberData(nameof(NamesGivenUp))]
    public async Task Fault_LongerThanTheClientWaits_EndsInOneStateAndOneSentence(string name)
    {
        var (faults, state, reason, sentence) = GivenUp[name];
        var target = await TargetAsync();
        await target.Walk.LeaveAsync();
        foreach (var fault in faults) await stage.Sandbox.FaultAsync(fault);
        await stage.Portal.Main.GiveUpAfterAsync(GivesUpAfter);

        await target.Walk.ReturnAsync();

        await CheckAsync(target, await target.Walk.WaitForTheEndAsync(), state, reason, sentence);
    }

    [Theory]
    [MemberData(nameof(NamesOfClocks))]
    public async Task Fault_PlatformClockIsWrong_EndsInOneStateAndOneSentence(string name)
    {
        var (ahead, fault, state, reason, sentence) = Clocks[name];
        var target = await TargetAsync(TimeSpan.FromSeconds(ahead));
        await target.Walk.LeaveAsync();
        await stage.Sandbox.FaultAsync(fault);

        await target.Walk.ReturnAsync();

        await CheckAsync(target, await target.Walk.WaitForTheEndAsync(), state, reason, sentence);
    }

    [Fact]
    public async Task OutOfReach_AfterTheConsent_EndsWithItsSentence()
    {
        var account = await stage.Portal.Main.AccountAsync(stage.Sandbox, stage.Sandbox.Address, "Goes away");
        var target = await TargetAsync(account: account);
        await target.Walk.LeaveAsync();
        await stage.Portal.Main.AccountAsync(stage.Sandbox, new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}"), "Goes away", account);

        await target.Walk.ReturnAsync();

        await CheckAsync(target, await target.Walk.WaitForTheEndAsync(), "Failed", "Unreachable", "The platform could not be reached");
    }

    /// <summary>An instance that was made five minutes ago by both clocks, and a walk that authorizes it again.</summary>
    private async Task<Target> TargetAsync(TimeSpan ahead = default, Guid? account = null)
    {
        var creation = await stage.NewWalkAsync(account: account);
        await creation.DraftAsync();
        await stage.Sandbox.SetClockAsync((await stage.Portal.Main.AttemptAsync(creation.AttemptId)).Now + ahead);
        var made = await creation.RunAsync();
        made.State.ShouldBe("Active");

        await stage.Portal.AdvanceAsync(TimeSpan.FromMinutes(5));
        await stage.Sandbox.AdvanceAsync(TimeSpan.FromMinutes(5));
        return new Target(await stage.NewWalkAsync(account: account, target: made.InstanceId), made, await TokenAsync(made));
    }

    private async Task CheckAsync(Target target, AttemptReport end, string state, string? reason, string sentence)
    {
        await stage.Sandbox.ClearFaultsAsync();
        var told = string.Join("; ", end.History.Select(line => $"{line.Event} {line.Detail}"));
        end.State.ShouldBe(state, told);
        end.Reason.ShouldBe(reason, told);
        end.HasCode.ShouldBeFalse();
        (await stage.ReadAsync($"/connect/{target.Walk.AttemptId}")).ShouldContain(sentence);

        // The sandbox gives a new token with each authorization.
        var token = await TokenAsync(target.Made);
        (token != target.Token).ShouldBe(state == "Active", told);
        (await stage.Portal.Main.TokenHashAsync(target.Made.InstanceId!.Value)).ShouldBe(token);
    }

    private async Task<string> TokenAsync(AttemptReport made) => (await stage.Sandbox.InstancesAsync(made.PortalTag)).ShouldHaveSingleItem().TokenHash;

    /// <param name="Walk">Authorizes it again.</param>
    /// <param name="Made">The attempt that made it.</param>
    /// <param name="Token">The SHA-256 of its token before.</param>
    private sealed record Target(Walk Walk, AttemptReport Made, string Token);
}
