using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class DecisionTests
{
    private const string OtherServer = "zt119.infusionsoft.com";

    private static readonly TimeSpan CodeLifetime = new PortalOptions().CodeLifetime;

    [Fact]
    public async Task DecideAsync_NobodyHasDecided_NothingIsSent()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await HoldAsync(portal);

        (await portal.Provisioner.FindDueAsync(Token)).ShouldBeEmpty();
        await portal.Provisioner.ExchangeAsync(id);

        portal.Platform.Created.ShouldBeEmpty();
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.AwaitingDecision);
        attempt.ConsentedServer.ShouldBe(OtherServer);
        attempt.ExpectedServer.ShouldBe(TestPortal.Server);
        attempt.Code.ShouldNotBeNull();
    }

    [Fact]
    public async Task DecideAsync_AcceptedWithoutKnowingTheAccount_TheCodeIsSentAndTheRecordSaysSo()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state) with { Scope = null }, Token);

        (await portal.Consents.DecideAsync(id, accept: true, Token)).ShouldBeTrue();

        await portal.Provisioner.ExchangeAsync(id);
        portal.Secrets.Open(portal.Platform.Created.ShouldHaveSingleItem().Code).ShouldBe(TestPortal.Code);
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        (await portal.ReadInstanceAsync(attempt.InstanceId!.Value)).AccountServer.ShouldBe(TestPortal.Server);
        await using var db = portal.OpenDatabase();
        (await db.Activity.SingleAsync(line => line.Action == ActivityAction.ServerDecided, Token)).Changes!.ShouldContain(TestPortal.Server);
    }

    [Fact]
    public async Task DecideAsync_Accepted_TheCodeIsSent()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await HoldAsync(portal);

        (await portal.Consents.DecideAsync(id, accept: true, Token)).ShouldBeTrue();

        (await portal.Provisioner.FindDueAsync(Token)).ShouldBe([(id, AttemptState.CodeReceived)]);
        await portal.Provisioner.ExchangeAsync(id);
        portal.Secrets.Open(portal.Platform.Created.ShouldHaveSingleItem().Code).ShouldBe(TestPortal.Code);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
    }

    [Fact]
    public async Task DecideAsync_Declined_TheCodeIsErasedUnused()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await HoldAsync(portal);

        (await portal.Consents.DecideAsync(id, accept: false, Token)).ShouldBeTrue();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.OtherAccount);
        attempt.Code.ShouldBeNull();
        (await portal.Provisioner.FindDueAsync(Token)).ShouldBeEmpty();
        portal.Platform.Created.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DecideAsync_TooLate_DoesNotCount(bool accept)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await HoldAsync(portal);
        portal.Clock.Advance(CodeLifetime);

        (await portal.Consents.DecideAsync(id, accept, Token)).ShouldBeFalse();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.OtherAccount);
        attempt.Code.ShouldBeNull();
        attempt.History.ShouldContain(line => line.Event == AttemptEvent.TimeRanOut);
        attempt.History.ShouldNotContain(line => line.Event == AttemptEvent.Accepted || line.Event == AttemptEvent.Declined);
    }

    [Fact]
    public async Task SweepAsync_NobodyDecidedInTime_EndsAsADeclineDoes()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await HoldAsync(portal);

        portal.Clock.Advance(CodeLifetime - TimeSpan.FromTicks(1));
        await portal.SweepAsync(Token);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingDecision);

        portal.Clock.Advance(TimeSpan.FromTicks(1));
        await portal.SweepAsync(Token);
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.OtherAccount);
        attempt.Code.ShouldBeNull();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task DecideAsync_Again_TheFirstDecisionStands(bool first, bool second)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await HoldAsync(portal);

        (await portal.Consents.DecideAsync(id, first, Token)).ShouldBeTrue();
        (await portal.Consents.DecideAsync(id, second, Token)).ShouldBeFalse();

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(first ? AttemptState.CodeReceived : AttemptState.Failed);
    }

    [Fact]
    public async Task DecideAsync_NothingToDecide_DoesNotCount()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();

        (await portal.Consents.DecideAsync(id, accept: false, Token)).ShouldBeFalse();
        (await portal.Consents.DecideAsync(Guid.NewGuid(), accept: true, Token)).ShouldBeFalse();

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
    }

    [Fact]
    public async Task DecideAsync_TwoProcessesAtOnce_OneDecisionCounts()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        for (var round = 0; round < 10; round++)
        {
            var id = await HoldAsync(portal);

            var counted = await Task.WhenAll(
                Task.Run(() => portal.Consents.DecideAsync(id, accept: true, Token), Token),
                Task.Run(() => other.Consents.DecideAsync(id, accept: false, Token), Token));

            counted.Count(did => did).ShouldBe(1);
            var attempt = await portal.ReadAttemptAsync(id);
            attempt.State.ShouldBe(counted[0] ? AttemptState.CodeReceived : AttemptState.Failed);
            (attempt.Code is not null).ShouldBe(counted[0]);
            attempt.History.Count(line => line.Event is AttemptEvent.Accepted or AttemptEvent.Declined).ShouldBe(1);
        }
    }

    private static async Task<Guid> HoldAsync(TestPortal portal)
    {
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state) with { Scope = $"full|{OtherServer}" }, Token);
        return id;
    }
}
