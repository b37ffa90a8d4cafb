using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class AttemptTimelineTests
{
    [Fact]
    public async Task Of_ASuccess_TellsEveryStepWithItsTime()
    {
        await using var portal = await TestPortal.StartAsync();
        var began = portal.Clock.GetUtcNow();
        var id = await portal.AddDraftAsync();
        portal.Clock.Advance(TimeSpan.FromMinutes(2));
        portal.Platform.OnOAuthUrl = request =>
        {
            portal.Clock.Advance(TimeSpan.FromMilliseconds(340));
            return new PlatformOutcome<string>.Success(FakePlatform.GoodUrl(request), "url-1");
        };
        await ReturnAsync(portal, id, TimeSpan.FromSeconds(20));
        portal.Clock.Advance(TimeSpan.FromMilliseconds(5));
        Answer(portal, TimeSpan.FromMilliseconds(1200), new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(77), "create-1"));
        await portal.Provisioner.ExchangeAsync(id);
        portal.Clock.Advance(TimeSpan.FromMilliseconds(10));
        portal.Platform.OnPing = () =>
        {
            portal.Clock.Advance(TimeSpan.FromMilliseconds(80));
            return new PlatformOutcome<PlatformPong>.Success(new PlatformPong(null), "ping-1");
        };
        await portal.Provisioner.VerifyAsync(id, Token);

        var timeline = await ReadAsync(portal, id);

        Tell(timeline).ShouldBe(
        [
            "Draft 120000", "Preflight 340", "SignInAddress 340", "Left", "AtProvider 20000", "Returned", "Claimed 0", "Sent 1200", "Answered", "Verified 80",
        ]);
        timeline.Steps[0].StartedAt.ShouldBe(began);
        var url = timeline.Steps[2];
        url.StartedAt.ShouldBe(began + TimeSpan.FromMinutes(2));
        url.RequestId.ShouldBe("url-1");
        var sent = timeline.Steps.Single(step => step.Kind == TimelineStepKind.Sent);
        var answered = timeline.Steps.Single(step => step.Kind == TimelineStepKind.Answered);
        sent.StartedAt.ShouldBe(answered.StartedAt - TimeSpan.FromMilliseconds(1200));
        sent.Sent.ShouldNotBeNull().ShouldContain("\"API instance\"");
        sent.Received.ShouldBeNull();
        answered.RequestId.ShouldBe("create-1");
        answered.Received.ShouldNotBeNull().ShouldContain("77");
        answered.Sent.ShouldBeNull();
        timeline.Total.ShouldBe(timeline.Steps[^1].StartedAt + TimeSpan.FromMilliseconds(80) - began);
        timeline.SinceAuthorize.ShouldBe(timeline.Total - TimeSpan.FromMinutes(2));
        timeline.Steps.ShouldAllBe(step => !step.IsOpen);
    }

    [Fact]
    public async Task Of_PutBackTwice_TellsEachTryAndEachWait()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        var busy = new PlatformOutcome<PlatformInstance>.Refused(429, "Slow down", null, "busy-1", TimeSpan.FromSeconds(2));
        Answer(portal, TimeSpan.FromMilliseconds(50), busy);
        await portal.Provisioner.ExchangeAsync(id);
        portal.Clock.Advance(TimeSpan.FromSeconds(2));
        await portal.Provisioner.ExchangeAsync(id);
        portal.Clock.Advance(TimeSpan.FromSeconds(3));
        Answer(portal, TimeSpan.FromMilliseconds(70), new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(77), "create-1"));
        await portal.Provisioner.ExchangeAsync(id);

        var timeline = await ReadAsync(portal, id);

        Tell(timeline).Skip(6).ShouldBe(
        [
            "Claimed 0", "Sent 50", "Answered", "Waiting 2000", "Claimed 0", "Sent 50", "Answered", "Waiting 3000", "Claimed 0", "Sent 70", "Answered",
        ]);
        var first = timeline.Steps.First(step => step.Kind == TimelineStepKind.Answered);
        first.Detail.ShouldBe("Busy, status 429");
        first.RequestId.ShouldBe("busy-1");
    }

    [Fact]
    public async Task Of_CodeLapsed_EndsTheWait()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        Answer(portal, TimeSpan.Zero, new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected));
        await portal.Provisioner.ExchangeAsync(id);
        portal.Clock.Advance(TimeSpan.FromMinutes(5));
        await portal.Provisioner.ExchangeAsync(id);

        Tell(await ReadAsync(portal, id)).Skip(6).ShouldBe(["Claimed 0", "Sent 0", "Answered", "Waiting 300000", "Ended"]);
    }

    [Fact]
    public async Task Of_AnAwaitingOne_IsStillAtTheProvider()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        await portal.SendAwayAsync(id);

        var timeline = await ReadAsync(portal, id);

        Tell(timeline).ShouldBe(["Draft 0", "Preflight 0", "SignInAddress 0", "Left", "AtProvider open"]);
    }

    [Fact]
    public async Task Of_ADraft_IsOneOpenStep()
    {
        await using var portal = await TestPortal.StartAsync();
        var timeline = await ReadAsync(portal, await portal.AddDraftAsync());

        Tell(timeline).ShouldBe(["Draft open"]);
        timeline.Total.ShouldBe(TimeSpan.Zero);
        timeline.SinceAuthorize.ShouldBeNull();
    }

    [Fact]
    public async Task Of_Reopened_TellsTheSecondDraftAndTheSecondDeparture()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        await portal.SendAwayAsync(id);
        portal.Clock.Advance(TimeSpan.FromSeconds(30));
        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "Another name" }, Token)).Succeeded.ShouldBeTrue();
        portal.Clock.Advance(TimeSpan.FromSeconds(15));
        await portal.SendAwayAsync(id);

        var timeline = await ReadAsync(portal, id);

        Tell(timeline).ShouldBe(["Draft 0", "Preflight 0", "SignInAddress 0", "Left", "AtProvider 30000", "Draft 15000", "Preflight 0", "SignInAddress 0", "Left", "AtProvider open"]);
        timeline.Steps[5].Event.ShouldBe(AttemptEvent.Reopened);
    }

    [Fact]
    public async Task Of_Denied_EndsWithTheReturn()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        portal.Clock.Advance(TimeSpan.FromSeconds(9));
        _ = await portal.Consents.ReceiveAsync(new Callback(null, state, "access_denied", null, null, portal.Browser), Token);

        var timeline = await ReadAsync(portal, id);

        Tell(timeline).ShouldBe(["Draft 0", "Preflight 0", "SignInAddress 0", "Left", "AtProvider 9000", "Returned"]);
        timeline.Steps[^1].Detail.ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task Of_Expired_EndsWhenTheTimeRanOut()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        await portal.SendAwayAsync(id);
        portal.Clock.Advance(TimeSpan.FromMinutes(15));
        await portal.SweepAsync(Token);

        Tell(await ReadAsync(portal, id)).ShouldBe(["Draft 0", "Preflight 0", "SignInAddress 0", "Left", "AtProvider 900000", "Ended"]);
    }

    [Theory]
    [InlineData(true, "Decided")]
    [InlineData(false, "Decided")]
    [InlineData(null, "Ended")]
    public async Task Of_AnotherAccount_TellsHowLongItWaitedForADecision(bool? accept, string end)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await OtherAccountAsync(portal);
        Tell(await ReadAsync(portal, id))[^1].ShouldBe("Deciding open");
        portal.Clock.Advance(accept is null ? TimeSpan.FromMinutes(4) : TimeSpan.FromSeconds(12));
        if (accept is { } decision) (await portal.Consents.DecideAsync(id, decision, Token)).ShouldBeTrue();
        else await portal.SweepAsync(Token);

        Tell(await ReadAsync(portal, id)).Skip(4).ShouldBe(["AtProvider 0", "Returned", accept is null ? "Deciding 240000" : "Deciding 12000", end]);
    }

    [Fact]
    public async Task Of_AnAmbiguousOne_TellsTheSearchAndWhatItFound()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAmbiguousAsync();
        Tell(await ReadAsync(portal, id))[^1].ShouldBe("Searching open");
        portal.Clock.Advance(TimeSpan.FromSeconds(6));
        var tag = (await portal.ReadAttemptAsync(id)).PortalTag;
        portal.Platform.OnList = (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(
            new PlatformInstancePage([FakePlatform.Instance(7, tags: [tag]), FakePlatform.Instance(8, tags: [tag])], null), "list-1");
        await portal.Provisioner.SearchAsync(id, Token);

        var timeline = await ReadAsync(portal, id);

        // The second one was written down in the same transaction, and comes after what it is the second of.
        Tell(timeline).Skip(6).ShouldBe(["Claimed 0", "Sent 0", "Answered", "Searching 6000", "Found 0", "Orphan"]);
        timeline.Steps[^2].RequestId.ShouldBe("list-1");
        timeline.Steps[^1].Detail.ShouldBe("8");
    }

    [Fact]
    public async Task Of_LinesWithoutDurations_TellsMoments()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        Answer(portal, TimeSpan.FromSeconds(2), new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(77), null));
        await portal.Provisioner.ExchangeAsync(id);
        await using (var db = portal.OpenDatabase())
        {
            await db.AttemptHistory.ExecuteUpdateAsync(
                row => row.SetProperty(entry => entry.DurationMilliseconds, (int?)null).SetProperty(entry => entry.Sent, (string?)null).SetProperty(entry => entry.Received, (string?)null), Token);
        }

        Tell(await ReadAsync(portal, id)).ShouldBe(["Draft 0", "Preflight", "SignInAddress", "Left", "AtProvider 0", "Returned", "Claimed 2000", "Answered"]);
    }

    [Fact]
    public async Task Of_AClockThatWasSetBack_HasNoNegativeDuration()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        portal.Platform.OnOAuthUrl = request =>
        {
            portal.Clock.Advance(TimeSpan.FromSeconds(1));
            return new PlatformOutcome<string>.Success(FakePlatform.GoodUrl(request), null);
        };
        await portal.SendAwayAsync(id);
        await using (var db = portal.OpenDatabase())
        {
            await db.AttemptHistory.Where(entry => entry.Event == AttemptEvent.OAuthUrlObtained)
                .ExecuteUpdateAsync(row => row.SetProperty(entry => entry.DurationMilliseconds, 60_000), Token);
        }

        (await ReadAsync(portal, id)).Steps.ShouldAllBe(step => step.Duration == null || step.Duration >= TimeSpan.Zero);
    }

    private static async Task<Guid> OtherAccountAsync(TestPortal portal)
    {
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state) with { Scope = "full|zt119.infusionsoft.com" }, Token);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingDecision);
        return id;
    }

    private static async Task ReturnAsync(TestPortal portal, Guid id, TimeSpan after)
    {
        var state = await portal.SendAwayAsync(id);
        portal.Clock.Advance(after);
        _ = (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBeOfType<CallbackOutcome.Attempt>();
    }

    private static void Answer(TestPortal portal, TimeSpan after, PlatformOutcome<PlatformInstance> outcome) => portal.Platform.OnCreate = _ =>
    {
        portal.Clock.Advance(after);
        return Task.FromResult(outcome);
    };

    private static async Task<AttemptTimeline> ReadAsync(TestPortal portal, Guid id) =>
        AttemptTimeline.Of((await portal.Get<AttemptService>().FindAsync(id, Token)).ShouldNotBeNull());

    private static List<string> Tell(AttemptTimeline timeline) =>
        [.. timeline.Steps.Select(step => step.Kind + (step.IsOpen ? " open" : step.Duration is { } took ? $" {took.TotalMilliseconds}" : ""))];
}
