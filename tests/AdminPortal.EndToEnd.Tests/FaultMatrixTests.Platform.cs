using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <content>Faults of the platform after the consent.</content>
public sealed partial class FaultMatrixTests
{
    [Theory]
    [MemberData(nameof(NamesAtThePlatform))]
    public async Task Fault_AtThePlatform_EndsInOneStateAndOneSentence(string name)
    {
        var (faults, state, reason, sentence, made) = AtThePlatform[name];
        var walk = await stage.NewWalkAsync();
        await walk.LeaveAsync();
        foreach (var fault in faults) await stage.Sandbox.FaultAsync(fault);

        await walk.ReturnAsync();
        var end = await walk.WaitForTheEndAsync();

        await stage.Sandbox.ClearFaultsAsync();
        await CheckAsync(walk, end, state, reason, sentence, made);
        end.Orphans.ShouldBe(Math.Max(0, made - 1));
    }

    [Theory]
    [MemberData(nameof(NamesGivenUp))]
    public async Task Fault_LongerThanTheClientWaits_EndsInOneStateAndOneSentence(string name)
    {
        var (faults, state, reason, sentence, made) = GivenUp[name];
        var walk = await stage.NewWalkAsync();
        await walk.LeaveAsync();
        foreach (var fault in faults) await stage.Sandbox.FaultAsync(fault);
        await stage.Portal.Main.GiveUpAfterAsync(GivesUpAfter);

        await walk.ReturnAsync();
        var end = await walk.WaitForTheEndAsync();

        await CheckAsync(walk, end, state, reason, sentence, made);
        end.Orphans.ShouldBe(Math.Max(0, made - 1));
    }

    [Fact]
    public async Task Fault_CarriedOutAfterTheClientGaveUp_IsFoundWhenItAppears()
    {
        var walk = await stage.NewWalkAsync();
        await walk.LeaveAsync();
        await stage.Sandbox.FaultAsync(new { match = Create, delayMilliseconds = 3_000, delayFirst = true });
        await stage.Portal.Main.GiveUpAfterAsync(GivesUpAfter);
        await walk.ReturnAsync();
        await WaitForAsync(walk, report => report is { State: "Ambiguous", Searches: > 0 });
        var tag = (await stage.Portal.Main.AttemptAsync(walk.AttemptId)).PortalTag;
        (await stage.Sandbox.InstancesAsync(tag)).ShouldBeEmpty();

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await stage.Sandbox.InstancesAsync(tag)).Count == 0) await Task.Delay(25, timeout.Token);

        await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Active", null, "Instance created", made: 1);
    }

    [Fact]
    public async Task Fault_PlatformClockAheadOfTheCode_IsRefused()
    {
        var walk = await stage.NewWalkAsync();
        await walk.LeaveAsync();
        await stage.Sandbox.AdvanceAsync(TimeSpan.FromMinutes(6));

        await walk.ReturnAsync();

        await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Failed", "Refused", "The platform refused", made: 0);
    }

    [Fact]
    public async Task Fault_RefusalThatRepeatsTheRequest_ShowsNoSecret()
    {
        var walk = await stage.NewWalkAsync("infusionsoftcrm", new Dictionary<string, string>
        {
            ["infusionsoft.server"] = "dt123.infusionsoft.com", ["infusionsoft.private.key"] = "planted-encrypted-key-77",
        });
        await walk.LeaveAsync();
        await stage.Sandbox.FaultAsync(new { match = Create, status = 400, message = "Cannot read", echo = true });
        await walk.ReturnAsync();

        var end = await walk.WaitForTheEndAsync();

        await CheckAsync(walk, end, "Failed", "Refused", "Cannot read", made: 0);
        var page = await stage.ReadAsync($"/connect/{walk.AttemptId}");
        var code = Uri.UnescapeDataString(walk.Callback!.Split("code=")[1].Split('&')[0]);
        foreach (var secret in new[] { "planted-encrypted-key-77", "chaos-client-secret", code })
        {
            page.ShouldNotContain(secret);
            end.Message!.ShouldNotContain(secret);
        }
    }

    [Fact]
    public async Task Fault_CallbackDeliveredTwice_CountsOnce()
    {
        var walk = await stage.NewWalkAsync();
        var id = await walk.DraftAsync();
        (await stage.Portal.Main.AuthorizeAsync(id)).ShouldBeEmpty();
        await stage.Sandbox.FaultAsync(new { kind = "callbackTwice" });

        var page = await stage.AllowInTheBrowserAsync(id, "Already completed");

        // The first of the two counted, and the second was told from it.
        page.ShouldBe($"/connect/{id}?again=1");
        await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Active", null, "Instance created", made: 1);
        (await stage.Sandbox.CountCreationsAsync((await stage.Portal.Main.AttemptAsync(id)).PortalTag)).Asked.ShouldBe(1);
    }

    [Fact]
    public async Task Fault_InstanceAppearsLate_IsWaitedForAndAdopted()
    {
        var walk = await stage.NewWalkAsync();
        await walk.LeaveAsync();
        await stage.Sandbox.FaultAsync(new { kind = "appearLate", seconds = 40, drop = "after" });
        await walk.ReturnAsync();
        await WaitForAsync(walk, report => report is { State: "Ambiguous", Searches: > 0 });

        await stage.Sandbox.AdvanceAsync(TimeSpan.FromSeconds(41));

        await CheckAsync(walk, await walk.WaitForTheEndAsync(), "Active", null, "Instance created", made: 1);
    }
}
