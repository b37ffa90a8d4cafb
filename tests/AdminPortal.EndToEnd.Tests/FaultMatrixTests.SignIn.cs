using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <content>Faults at the sign-in and the callback.</content>
public sealed partial class FaultMatrixTests
{
    [Theory]
    [MemberData(nameof(NamesNotSentBack))]
    public async Task Fault_AtTheSignIn_EndsByItsTime(string name)
    {
        var walk = await stage.NewWalkAsync();
        await stage.Sandbox.FaultAsync(NotSentBack[name]);
        await Should.ThrowAsync<Exception>(walk.LeaveAsync);
        (await stage.Portal.Main.AttemptAsync(walk.AttemptId)).State.ShouldBe("AwaitingConsent");

        await stage.Portal.AdvanceAsync(TimeSpan.FromMinutes(16));

        await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Expired", "TimeRanOut", "This link has expired", made: 0);
    }

    [Theory]
    [MemberData(nameof(NamesNotSentBack))]
    public async Task Fault_AtTheSignIn_ComingAgainWorks(string name)
    {
        var walk = await stage.NewWalkAsync();
        await stage.Sandbox.FaultAsync(NotSentBack[name]);
        await Should.ThrowAsync<Exception>(walk.LeaveAsync);

        await walk.ConsentAsync();
        await walk.ReturnAsync();

        await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Active", null, "Instance created", made: 1);
    }

    [Theory]
    [MemberData(nameof(NamesAtTheProvider))]
    public async Task Fault_AtTheProvider_EndsInOneStateAndOneSentence(string name)
    {
        var (faults, state, reason, sentence) = AtTheProvider[name];
        var walk = await stage.NewWalkAsync();
        foreach (var fault in faults) await stage.Sandbox.FaultAsync(fault);

        var end = await walk.RunAsync();

        await CheckAsync(walk, end, state, reason, sentence, made: state == "Active" ? 1 : 0);
    }

    [Theory]
    [InlineData("callbackNoQuery", "This answer belongs to no attempt")]
    [InlineData("callbackNoState", "This answer belongs to no attempt")]
    [InlineData("callbackOtherState", "This answer belongs to no attempt")]
    [InlineData("callbackNoCode", "This answer is not complete")]
    public async Task Fault_CallbackThatIsNotWhole_LandsWithItsSentenceAndTheAttemptExpires(string kind, string sentence)
    {
        var walk = await stage.NewWalkAsync();
        await stage.Sandbox.FaultAsync(new { kind });

        await walk.LeaveAsync();
        using var answer = await stage.Browser.GetAsync(stage.Portal.Main, walk.Callback!);

        (await stage.ReadAsync(answer.Headers.Location!.OriginalString)).ShouldContain(sentence);
        (await stage.Portal.Main.AttemptAsync(walk.AttemptId)).State.ShouldBe("AwaitingConsent");
        await stage.Portal.AdvanceAsync(TimeSpan.FromMinutes(16));
        await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Expired", "TimeRanOut", "This link has expired", made: 0);
    }

    [Fact]
    public async Task Fault_AnotherAccountThanEntered_IsHeldAndEndsAsThePersonDecides()
    {
        Dictionary<string, string> entered = new() { ["infusionsoft.server"] = "dt123.infusionsoft.com", ["infusionsoft.private.key"] = "planted-encrypted-key" };
        foreach (var accept in new[] { true, false })
        {
            var walk = await stage.NewWalkAsync("infusionsoftcrm", entered);
            await stage.Sandbox.FaultAsync(new { kind = "callbackOtherTenant", value = "xx123.infusionsoft.com" });
            await walk.LeaveAsync();
            await walk.ReturnAsync();
            var page = await stage.ReadAsync($"/connect/{walk.AttemptId}");
            page.ShouldContain("Another Infusionsoft account answered");
            page.ShouldContain("xx123.infusionsoft.com");

            await stage.Portal.Main.DecideAsync(walk.AttemptId, accept);

            if (accept) await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Active", null, "Instance created", made: 1);
            else await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Failed", "OtherAccount", "Consent for another account", made: 0);
        }
    }
}
