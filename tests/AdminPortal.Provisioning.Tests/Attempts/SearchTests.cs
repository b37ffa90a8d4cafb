using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Settings;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Tests.Support;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class SearchTests
{
    private static readonly TimeSpan Patience = new PortalOptions().UnansweredPatience;

    [Fact]
    public async Task SearchAsync_TheFilterFindsNothing_TheFullReadingFindsIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 2);
        var id = await portal.AddAmbiguousAsync();
        tenant.Add(Enumerable.Range(1, 4));
        _ = tenant.Add(5, tags: [$"portal:{id}"]);
        var list = portal.Platform.OnList;
        portal.Platform.OnList = (tag, page) => tag is null
            ? list(tag, page)
            : new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([], null), null);

        await portal.Provisioner.SearchAsync(id, Token);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
        portal.Platform.Listed.ShouldBe([($"portal:{id}", null)]);

        portal.Clock.Advance(Patience);
        await portal.Provisioner.SearchAsync(id, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        attempt.PlatformInstanceId.ShouldBe(5);
        portal.Platform.Listed.Skip(1).ShouldAllBe(asked => asked.Tag == null);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("unreachable")]
    [InlineData("unknown")]
    [InlineData("the same cursor")]
    public async Task SearchAsync_TheFullReadingBreaksOff_ProvesNothing(string how)
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 2);
        var id = await portal.AddAmbiguousAsync();
        tenant.Add(Enumerable.Range(1, 5));
        tenant.BeforePage = cursor => (how, cursor) switch
        {
            (_, null) => null,
            ("refused", _) => FakePlatform.Refuse<PlatformInstancePage>(403),
            ("unreachable", _) => new PlatformOutcome<PlatformInstancePage>.Unreachable(UnsentReason.Tls),
            ("unknown", _) => new PlatformOutcome<PlatformInstancePage>.Unknown(UnclearReason.TimedOut),
            _ => new PlatformOutcome<PlatformInstancePage>.Success(new PlatformInstancePage([], cursor), null),
        };
        portal.Clock.Advance(TimeSpan.FromDays(1));

        await portal.Provisioner.SearchAsync(id, Token);

        var waiting = await portal.ReadAttemptAsync(id);
        waiting.State.ShouldBe(AttemptState.Ambiguous);
        waiting.Searches.ShouldBe(1);
        waiting.NextAt!.Value.ShouldBeGreaterThan(portal.Clock.GetUtcNow());

        tenant.BeforePage = _ => null;
        await portal.Provisioner.SearchAsync(id, Token);
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.Ending!.Reason.ShouldBe(EndingReason.NothingCreated);
        attempt.Searches.ShouldBe(2);
    }

    [Fact]
    public async Task SearchAsync_ReadsPageAfterPage_ShowsHowFarItHasCome()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform, pageSize: 2);
        var id = await portal.AddAmbiguousAsync();
        tenant.Add(Enumerable.Range(1, 5));
        var seen = new List<(int Pages, int Instances)>();
        var shown = 0;
        using var subscription = portal.Get<ChangeFeed>().Subscribe(ChangeTopic.Attempts, id, () => shown++);
        var version = (await portal.ReadAttemptAsync(id)).Version;
        tenant.BeforePage = _ =>
        {
            using var db = portal.OpenDatabase();
            var attempt = db.Attempts.Single();
            seen.Add((attempt.SearchedPages, attempt.SearchedInstances));
            attempt.Version.ShouldBe(version);
            return null;
        };

        await portal.Provisioner.SearchAsync(id, Token);

        seen.ShouldBe([(0, 0), (1, 2), (2, 4)]);
        shown.ShouldBeGreaterThanOrEqualTo(3);
        var view = await portal.Get<AttemptService>().FindAsync(id, Token);
        (view!.SearchedPages, view.SearchedInstances, view.Searches).ShouldBe((3, 5, 1));
        view.SearchUntil.ShouldBe(view.SentAt + Patience);
    }

    [Fact]
    public async Task SearchAsync_ItsTokenIsMissing_IsNeverTakenForAbsentAndAdoptedWhenItIsTold()
    {
        await using var portal = await TestPortal.StartAsync();
        var tenant = new FakeTenant(portal.Platform);
        var id = await portal.AddAmbiguousAsync();
        var told = tenant.Add(4, tags: [$"portal:{id}"]);
        tenant.Instances[4] = told with { Token = null };

        for (var look = 0; look < 5; look++)
        {
            portal.Clock.Advance(TimeSpan.FromDays(1));
            await portal.Provisioner.SearchAsync(id, Token);
            (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Ambiguous);
        }

        tenant.Instances[4] = told;
        await portal.Provisioner.SearchAsync(id, Token);
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Active);
        portal.Secrets.Open((await portal.ReadInstanceAsync(attempt.InstanceId!.Value)).TokenOf).ShouldBe(FakeTenant.TokenOf(4));
    }

    [Theory]
    [InlineData(true, EndingReason.Busy)]
    [InlineData(false, EndingReason.Unreachable)]
    public async Task ExchangeAsync_PutBackAndTooOldAfterARestart_EndsWithItsReasonAndIsNotSent(bool isBusy, EndingReason expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Platform.OnCreate = _ => Task.FromResult(isBusy
            ? FakePlatform.Refuse<PlatformInstance>(429, "busy")
            : new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NameNotFound));
        await portal.Provisioner.ExchangeAsync(id);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
        portal.Clock.Advance(new PortalOptions().CodeLifetime);

        await using var restarted = portal.Another();
        (await restarted.Provisioner.FindDueAsync(Token)).ShouldBe([(id, AttemptState.CodeReceived)]);
        await restarted.Provisioner.ExchangeAsync(id);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Failed);
        attempt.Ending!.Reason.ShouldBe(expected);
        attempt.Code.ShouldBeNull();
        attempt.History.ShouldContain(line => line.Event == AttemptEvent.CodeLapsed);
        _ = portal.Platform.Created.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ExchangeAsync_NeverTried_IsTriedHoweverLate()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();
        portal.Clock.Advance(TimeSpan.FromDays(2));

        await using var restarted = portal.Another();
        await restarted.Provisioner.ExchangeAsync(id);

        _ = portal.Platform.Created.ShouldHaveSingleItem();
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.Active);
    }
}
