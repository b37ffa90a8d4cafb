using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <content>The search for unanswered requests, and expiry.</content>
public sealed partial class ProvisionerTests
{
    [Fact]
    public async Task SearchAsync_NothingThere_IsProvedAbsentOnlyAfterPatience()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAmbiguousAsync();
        var sentAt = (await portal.ReadAttemptAsync(id)).SentAt!.Value;

        while (portal.Clock.GetUtcNow() < sentAt + TimeSpan.FromMinutes(2))
        {
            await DrainAsync(portal);
            (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
            portal.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        portal.Clock.Advance(TimeSpan.FromSeconds(30));
        await DrainAsync(portal);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(EndingReason.NothingCreated);
        attempt.Ending.RequestId.ShouldBe("list-1");
        attempt.Searches.ShouldBe(portal.Platform.Listed.Count);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    public static TheoryData<string> BrokenSearches() => ["refused", "unreachable", "unknown", "breaks off on page 2", "repeats its cursor", "found without a token"];

    [Theory]
    [MemberData(nameof(BrokenSearches))]
    public async Task SearchAsync_Incomplete_ProvesNothing(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAmbiguousAsync();
        var tag = (await portal.ReadAttemptAsync(id)).PortalTag;
        portal.Platform.OnList = (_, page) => (how, page) switch
        {
            ("refused", _) => FakePlatform.Refuse<PlatformInstancePage>(404, "Not here"),
            ("unreachable", _) => new PlatformOutcome<PlatformInstancePage>.Unreachable(UnsentReason.NotConnected),
            ("unknown", _) or ("breaks off on page 2", "page-2") => new PlatformOutcome<PlatformInstancePage>.Unknown(UnclearReason.Unreadable),
            ("found without a token", null) => Page([FakePlatform.Instance(4, tags: [tag], token: null)], "page-2"),
            ("found without a token", _) => new PlatformOutcome<PlatformInstancePage>.Unknown(UnclearReason.TimedOut),
            _ => Page([], "page-2"),
        };
        portal.Clock.Advance(TimeSpan.FromHours(1));

        await DrainAsync(portal);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Ambiguous);
        attempt.Searches.ShouldBe(1);
        attempt.NextAt!.Value.ShouldBeGreaterThan(portal.Clock.GetUtcNow());

        static PlatformOutcome<PlatformInstancePage> Page(IReadOnlyList<PlatformInstance> instances, string? next) =>
            new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage(instances, next), null);
    }

    [Fact]
    public async Task SearchAsync_OursButWithoutAToken_DoesNotProveAbsence()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddAmbiguousAsync();
        var tag = (await portal.ReadAttemptAsync(id)).PortalTag;
        portal.Platform.OnList = (_, _) => new PlatformOutcome<PlatformInstancePage>.Success(
            new PlatformInstancePage([FakePlatform.Instance(4, tags: [tag], token: null)], null), null);
        portal.Clock.Advance(TimeSpan.FromHours(1));

        await DrainAsync(portal);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
    }

    [Fact]
    public async Task SweepAsync_LeaseOfADeadProcess_BecomesAmbiguousAndIsNeverPostedAgain()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        await using (var db = portal.OpenDatabase())
        {
            // A process that claimed the attempt and died before the answer came.
            var attempt = await db.Attempts.SingleAsync(Token);
            attempt.Claim(Guid.NewGuid(), portal.Clock.GetUtcNow(), AttemptLease.Length);
            _ = await db.SaveChangesAsync(Token);
        }

        portal.Clock.Advance(AttemptLease.Length - TimeSpan.FromTicks(1));
        await DrainAsync(portal);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Provisioning);

        portal.Clock.Advance(TimeSpan.FromTicks(1));
        await portal.SweepAsync(Token);
        var taken = await portal.ReadAttemptAsync(id);
        taken.State.ShouldBe(AttemptState.Ambiguous);
        taken.Ending!.Reason.ShouldBe(EndingReason.PortalStopped);
        taken.Code.ShouldBeNull();

        await DrainAsync(portal);
        portal.Clock.Advance(TimeSpan.FromHours(1));
        await DrainAsync(portal);

        portal.Platform.Created.ShouldBeEmpty();
        portal.Platform.Listed.ShouldNotBeEmpty();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Failed);
    }

    [Fact]
    public async Task SweepAsync_NobodyCameBack_Expires()
    {
        await using var portal = await TestPortal.StartAsync();
        var late = await portal.AddDraftAsync();
        _ = await portal.SendAwayAsync(late);
        portal.Clock.Advance(TimeSpan.FromMinutes(14));
        var young = await portal.AddDraftAsync();
        _ = await portal.SendAwayAsync(young);
        portal.Clock.Advance(TimeSpan.FromMinutes(1));

        await portal.SweepAsync(Token);

        (await portal.ReadAttemptAsync(late)).State.ShouldBe(AttemptState.Expired);
        (await portal.ReadAttemptAsync(young)).State.ShouldBe(AttemptState.AwaitingConsent);
    }
}
