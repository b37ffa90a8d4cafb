using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <content>Attempts that another process has taken over.</content>
public sealed partial class RaceTests
{
    [Fact]
    public async Task ExchangeAsync_TakenOverByAnotherProcessMeanwhile_TheAnswerCountsAllTheSame()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = async _ =>
        {
            // By a clock that jumps the lease is over: another process takes over and looks, and the instance is not to be seen yet.
            portal.Clock.Advance(TimeSpan.FromHours(1));
            await other.SweepAsync(Token);
            await other.Provisioner.SearchAsync(id, Token);
            (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
            return new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(6, token: "token-6"), null);
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.PlatformInstanceId).ShouldBe((AttemptState.Active, 6L));
        attempt.History[^1].Event.ShouldBe(AttemptEvent.AnsweredLate);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
        await using var db = portal.OpenDatabase();
        portal.Secrets.Open((await db.Instances.SingleAsync(Token)).TokenOf).ShouldBe("token-6");
    }

    [Fact]
    public async Task ExchangeAsync_AnswerAfterAbsenceWasConcluded_TheInstanceIsKept()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = async _ =>
        {
            portal.Clock.Advance(TimeSpan.FromHours(1));
            await other.SweepAsync(Token);
            // The clock jumps a second time: the look that follows proves, as far as anybody can tell, that there is nothing.
            portal.Clock.Advance(TimeSpan.FromHours(1));
            await other.Provisioner.SearchAsync(id, Token);
            (await portal.ReadAttemptAsync(id)).Ending!.Reason.ShouldBe(EndingReason.NothingCreated);
            return new PlatformOutcome<PlatformInstance>.Success(FakePlatform.Instance(6), null);
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.PlatformInstanceId, attempt.Ending).ShouldBe((AttemptState.Active, 6L, null));
        attempt.History[^1].Event.ShouldBe(AttemptEvent.AnsweredLate);
        await using var db = portal.OpenDatabase();
        (await db.Instances.CountAsync(row => row.AttemptId == id, Token)).ShouldBe(1);
        (await db.Activity.SingleAsync(line => line.Action == ActivityAction.InstanceCreated, Token)).Detail!.ShouldContain("late");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExchangeAsync_RefusalAfterTheTakeover_EndsTheAttemptAsRefused(bool absenceWasConcluded)
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = async _ =>
        {
            await TakeOverAsync(portal, other, id, absenceWasConcluded);
            return FakePlatform.Refuse<PlatformInstance>(400, "The code is too old");
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.Ending!.Reason, attempt.Ending.Message, attempt.NextAt).ShouldBe((AttemptState.Failed, EndingReason.Refused, "The code is too old", null));
        attempt.History[^1].Event.ShouldBe(AttemptEvent.RefusedLate);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExchangeAsync_NoClearAnswerAfterTheTakeover_IsSearchedFromTheStart(bool absenceWasConcluded)
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = async _ =>
        {
            await TakeOverAsync(portal, other, id, absenceWasConcluded);
            return new PlatformOutcome<PlatformInstance>.Unknown(UnclearReason.ConnectionLost);
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        (attempt.State, attempt.Ending!.Reason).ShouldBe((AttemptState.Ambiguous, EndingReason.NoClearAnswer));
        attempt.History[^1].Event.ShouldBe(AttemptEvent.AnswerLostLate);
        attempt.NextAt.ShouldBe(portal.Clock.GetUtcNow());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExchangeAsync_NotSentAfterTheTakeover_ChangesNothing(bool absenceWasConcluded)
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = async _ =>
        {
            await TakeOverAsync(portal, other, id, absenceWasConcluded);
            return new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.Paused);
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(absenceWasConcluded ? AttemptState.Failed : AttemptState.Ambiguous);
        attempt.History[^1].Event.ShouldBe(absenceWasConcluded ? AttemptEvent.ProvedAbsent : AttemptEvent.AnswerLost);
    }

    private static async Task TakeOverAsync(TestPortal portal, TestPortal other, Guid id, bool concludeAbsence)
    {
        portal.Clock.Advance(TimeSpan.FromHours(1));
        await other.SweepAsync(Token);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
        if (!concludeAbsence) return;
        portal.Clock.Advance(TimeSpan.FromHours(1));
        await other.Provisioner.SearchAsync(id, Token);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Failed);
    }

    [Fact]
    public async Task ExchangeAsync_AnotherProcessFoundIt_IsStoredOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        await using var other = portal.Another();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = async created =>
        {
            portal.Clock.Advance(AttemptLease.Length);
            await other.SweepAsync(Token);
            var made = FakePlatform.Instance(6, tags: created.Tags);
            portal.Platform.OnList = (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([made], null), null);
            await other.Provisioner.SearchAsync(id, Token);
            return new PlatformOutcome<PlatformInstance>.Success(made, null);
        };

        await portal.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        attempt.History.Count(line => line.Event is AttemptEvent.Adopted or AttemptEvent.Answered or AttemptEvent.AnsweredLate).ShouldBe(1);
        await using var db = portal.OpenDatabase();
        (await db.Instances.CountAsync(Token)).ShouldBe(1);
    }
}
