using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Tests.Support;
using static AdminPortal.Provisioning.Tests.Support.InstanceSeed;

namespace AdminPortal.Provisioning.Tests.Instances;

public sealed class InstanceTraceTests
{
    [Fact]
    public async Task SetTraceAsync_OnAndOff_IsSentKeptAndNoted()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var service = portal.Get<InstanceService>();

        (await service.SetTraceAsync(id, 45, Ada, Token)).Succeeded.ShouldBeTrue();
        (await service.FindAsync(id, Token))!.TraceUntil.ShouldBe(portal.Clock.GetUtcNow().AddMinutes(45));
        (await service.SetTraceAsync(id, null, Ada, Token)).Succeeded.ShouldBeTrue();
        (await service.FindAsync(id, Token))!.TraceUntil.ShouldBeNull();

        portal.Platform.Traced.ShouldBe([(PlatformId, 45), (PlatformId, null)]);
        (await portal.ReadActivityAsync()).Select(line => (line.Action, line.Detail))
            .ShouldBe([(ActivityAction.TraceSwitched, "On for 45 minutes"), (ActivityAction.TraceSwitched, "Off")]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1441)]
    public async Task SetTraceAsync_OutOfRange_AsksNothing(int minutes)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();

        (await portal.Get<InstanceService>().SetTraceAsync(id, minutes, Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Invalid);

        portal.Platform.Traced.ShouldBeEmpty();
    }

    [Fact]
    public async Task SetTraceAsync_Refused_KeepsWhatIsKnown()
    {
        await using var portal = await TestPortal.StartAsync();
        var until = portal.Clock.GetUtcNow().AddMinutes(5);
        var id = await portal.SeedInstanceAsync(change: row => row.TraceUntil = until);
        portal.Platform.OnTrace = () => FakePlatform.Refuse<Done>(403, "Not you");

        (await portal.Get<InstanceService>().SetTraceAsync(id, null, Ada, Token)).Succeeded.ShouldBeFalse();

        (await portal.ReadInstanceAsync(id)).TraceUntil.ShouldBe(until);
        (await portal.ReadActivityAsync()).ShouldHaveSingleItem().Succeeded.ShouldBeFalse();
    }
}
