using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AdminPortal.Provisioning.Tests.Support.Reauthentications;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <content>The search for a re-authentication that was not answered.</content>
public sealed partial class ReauthenticationTests
{
    [Theory]
    [InlineData(UnclearReason.TimedOut)]
    [InlineData(UnclearReason.ConnectionLost)]
    [InlineData(UnclearReason.ServerError)]
    [InlineData(UnclearReason.Unreadable)]
    public async Task SearchAsync_TokenRefreshedSinceItWasSent_IsAdoptedAndNeverSentAgain(UnclearReason reason)
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = await portal.ReceiveAgainAsync(instanceId);
        portal.Platform.OnReauthenticate = (_, _) => Task.FromResult<PlatformOutcome<PlatformInstance>>(new PlatformOutcome<PlatformInstance>.Unknown(reason, 502));
        await portal.Provisioner.ExchangeAsync(attemptId);
        var sentAt = (await portal.ReadAttemptAsync(attemptId)).SentAt!.Value;
        (await portal.ReadAttemptAsync(attemptId)).Code.ShouldBeNull();
        portal.Platform.OnGet = id => Tell(id, Configuration(sentAt.AddSeconds(2)), token: "found-token");

        await portal.Provisioner.SearchAsync(attemptId, Token);

        var attempt = await portal.ReadAttemptAsync(attemptId);
        attempt.State.ShouldBe(AttemptState.Active);
        attempt.InstanceId.ShouldBe(instanceId);
        attempt.History.Select(line => line.Event).ShouldContain(AttemptEvent.Adopted);
        portal.Secrets.Open((await portal.ReadInstanceAsync(instanceId)).TokenOf).ShouldBe("found-token");
        (await portal.ReadInstanceAsync(instanceId)).RefreshedAt.ShouldBe(sentAt.AddSeconds(2));
        portal.Platform.Reauthenticated.Count.ShouldBe(1);
        portal.Platform.Listed.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task SearchAsync_PlatformToldBeforeWhenTheTokenWasRefreshed_ItsOwnClockCounts(int minutesAhead)
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        // By the platform's clock it was refreshed half a minute ago: by the portal's, long before the request or after it.
        var before = portal.Clock.GetUtcNow().AddMinutes(minutesAhead).AddSeconds(-30);
        portal.Platform.OnGet = id => Tell(id, Configuration(before));
        var notDone = await portal.LoseAgainAsync(instanceId);
        portal.Clock.Advance(TimeSpan.FromHours(1));

        await portal.Provisioner.SearchAsync(notDone, Token);

        (await portal.ReadAttemptAsync(notDone)).Ending!.Reason.ShouldBe(EndingReason.NothingChanged);
        var done = await portal.LoseAgainAsync(instanceId);
        portal.Platform.OnGet = id => Tell(id, Configuration(before.AddSeconds(31)), token: "found-token");

        await portal.Provisioner.SearchAsync(done, Token);

        (await portal.ReadAttemptAsync(done)).State.ShouldBe(AttemptState.Active);
        portal.Secrets.Open((await portal.ReadInstanceAsync(instanceId)).TokenOf).ShouldBe("found-token");
    }

    [Fact]
    public async Task SearchAsync_ClockOfThePlatformIsBehind_AMinuteIsAllowed()
    {
        await using var portal = await TestPortal.StartAsync();
        var attemptId = await portal.LoseAgainAsync(await portal.ConnectAsync());
        var sentAt = (await portal.ReadAttemptAsync(attemptId)).SentAt!.Value;

        portal.Platform.OnGet = id => Tell(id, Configuration(sentAt - AttemptLease.ClockSkew - TimeSpan.FromMilliseconds(1)));
        await portal.Provisioner.SearchAsync(attemptId, Token);
        (await portal.ReadAttemptAsync(attemptId)).State.ShouldBe(AttemptState.Ambiguous);

        portal.Platform.OnGet = id => Tell(id, Configuration(sentAt - AttemptLease.ClockSkew));
        await portal.Provisioner.SearchAsync(attemptId, Token);
        (await portal.ReadAttemptAsync(attemptId)).State.ShouldBe(AttemptState.Active);
    }

    [Fact]
    public async Task SearchAsync_TokenNotRenewed_NothingWasChangedOnlyAfterPatience()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = await portal.LoseAgainAsync(instanceId);
        var sentAt = (await portal.ReadAttemptAsync(attemptId)).SentAt!.Value;
        portal.Platform.OnGet = id => Tell(id, Configuration(sentAt.AddHours(-3)));

        while (portal.Clock.GetUtcNow() < sentAt + TimeSpan.FromMinutes(2))
        {
            await DrainAsync(portal);
            (await portal.ReadAttemptAsync(attemptId)).State.ShouldBe(AttemptState.Ambiguous);
            portal.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        portal.Clock.Advance(TimeSpan.FromSeconds(30));
        await DrainAsync(portal);

        var attempt = await portal.ReadAttemptAsync(attemptId);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.NothingChanged);
        portal.Platform.Reauthenticated.Count.ShouldBe(1);
        portal.Secrets.Open((await portal.ReadInstanceAsync(instanceId)).TokenOf).ShouldBe("element-token");
    }

    [Theory]
    [InlineData("unreachable")]
    [InlineData("unclear")]
    [InlineData("refused")]
    public async Task SearchAsync_PlatformSaysNothing_ProvesNothing(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var attemptId = await portal.LoseAgainAsync(await portal.ConnectAsync());
        portal.Platform.OnGet = _ => how switch
        {
            "unreachable" => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected),
            "unclear" => new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.TimedOut),
            _ => FakePlatform.Refuse<PlatformInstance>(401, "no"),
        };
        portal.Clock.Advance(TimeSpan.FromHours(1));

        await DrainAsync(portal);

        (await portal.ReadAttemptAsync(attemptId)).State.ShouldBe(AttemptState.Ambiguous);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SearchAsync_TargetDeleted_EndsWithThatReason(bool inThePortal)
    {
        await using var portal = await TestPortal.StartAsync();
        var attemptId = await portal.LoseAgainAsync(await portal.ConnectAsync());
        if (inThePortal) await DeleteAsync(portal);
        else portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404, "No instance found");
        portal.Clock.Advance(TimeSpan.FromMinutes(3));

        await DrainAsync(portal);

        var attempt = await portal.ReadAttemptAsync(attemptId);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.TargetGone);
    }

    [Fact]
    public async Task SweepAsync_KilledBetweenClaimAndAnswer_IsLookedForAndNeverSentAgain()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = await portal.ReceiveAgainAsync(instanceId);
        await using (var db = portal.OpenDatabase())
        {
            // A process that claimed the attempt and died before the answer came.
            var claimed = await db.Attempts.SingleAsync(row => row.Id == attemptId, Token);
            claimed.Claim(Guid.NewGuid(), portal.Clock.GetUtcNow(), AttemptLease.Length);
            _ = await db.SaveChangesAsync(Token);
        }

        var sentAt = portal.Clock.GetUtcNow();
        portal.Clock.Advance(AttemptLease.Length);
        await using var restarted = portal.Another();
        await restarted.SweepAsync(Token);
        var taken = await portal.ReadAttemptAsync(attemptId);
        taken.State.ShouldBe(AttemptState.Ambiguous);
        taken.Ending!.Reason.ShouldBe(EndingReason.PortalStopped);
        portal.Platform.OnGet = id => Tell(id, Configuration(sentAt.AddSeconds(1)), token: "found-token");
        await DrainAsync(restarted);

        (await portal.ReadAttemptAsync(attemptId)).State.ShouldBe(AttemptState.Active);
        portal.Platform.Reauthenticated.ShouldBeEmpty();
        portal.Secrets.Open((await portal.ReadInstanceAsync(instanceId)).TokenOf).ShouldBe("found-token");
    }
}
