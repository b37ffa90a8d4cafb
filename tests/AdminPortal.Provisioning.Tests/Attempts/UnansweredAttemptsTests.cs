using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Search;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class UnansweredAttemptsTests
{
    private static readonly Actor Ada = new(Guid.NewGuid(), "ada@example.com") { Role = Role.Administrator };
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task ConcludeAbsentAsync_PatienceIsOver_EndsItAndSaysWhoDecided()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAmbiguousAsync();
        portal.Clock.Advance(Patience);

        (await portal.Get<UnansweredAttempts>().ConcludeAbsentAsync(id, Ada, Token)).Succeeded.ShouldBeTrue();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.NothingCreated);
        var line = attempt.History.Single(entry => entry.Event == AttemptEvent.ProvedAbsent);
        line.Detail.ShouldBe("decided by ada@example.com");
        await using var db = portal.OpenDatabase();
        (await db.Activity.SingleAsync(entry => entry.Action == ActivityAction.AbsenceDecided, Token)).PersonId.ShouldBe(Ada.PersonId);
    }

    [Fact]
    public async Task ConcludeAbsentAsync_AnInstanceMayStillAppear_IsRefusedAndTheSearchGoesOn()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAmbiguousAsync();
        portal.Clock.Advance(Patience - TimeSpan.FromSeconds(1));

        var refused = await portal.Get<UnansweredAttempts>().ConcludeAbsentAsync(id, Ada, Token);

        refused.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
    }

    [Fact]
    public async Task ConcludeAbsentAsync_FoundMeanwhile_ChangesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAmbiguousAsync();
        portal.Clock.Advance(Patience);
        var tag = (await portal.ReadAttemptAsync(id)).PortalTag;
        portal.Platform.OnList = (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([FakePlatform.Instance(500, tags: [tag])], null), null);
        await portal.Provisioner.SearchAsync(id, Token);

        var refused = await portal.Get<UnansweredAttempts>().ConcludeAbsentAsync(id, Ada, Token);

        refused.Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.Stale);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
    }

    [Fact]
    public async Task ConcludeAbsentAsync_NoSuchAttempt_SaysSo()
    {
        await using var portal = await TestPortal.StartAsync();

        (await portal.Get<UnansweredAttempts>().ConcludeAbsentAsync(Guid.NewGuid(), Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }
}
