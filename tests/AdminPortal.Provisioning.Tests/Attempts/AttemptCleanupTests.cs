using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class AttemptCleanupTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    [Fact]
    public async Task RunAsync_DraftNobodyTouched_IsRemovedWithItsSecretsAndNoted()
    {
        await using var portal = await TestPortal.StartAsync();
        var old = await portal.AddDraftAsync(name: "Old");
        portal.Clock.Advance(Lifetime);
        var young = await portal.AddDraftAsync(name: "Young");
        (await RunAsync(portal)).ShouldBe((0, 0));
        portal.Clock.Advance(TimeSpan.FromSeconds(1));

        (await RunAsync(portal)).ShouldBe((1, 0));

        await using var db = portal.OpenDatabase();
        (await db.Attempts.Select(attempt => attempt.Id).ToListAsync(Token)).ShouldBe([young]);
        (await db.AttemptHistory.AnyAsync(line => line.AttemptId == old, Token)).ShouldBeFalse();
        var noted = (await portal.ListActivityAsync(ActivityAction.DraftRemoved)).ShouldHaveSingleItem();
        (noted.Subject, noted.PersonName, noted.Detail).ShouldBe(("Old", null, "Nobody had changed it since 2026-03-01."));
        (await RunAsync(portal)).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData(AttemptState.AwaitingConsent)]
    [InlineData(AttemptState.AwaitingDecision)]
    [InlineData(AttemptState.CodeReceived)]
    [InlineData(AttemptState.Provisioning)]
    [InlineData(AttemptState.Ambiguous)]
    [InlineData(AttemptState.Active)]
    public async Task RunAsync_WhatIsUnderWayOrCreated_StaysAsItIs(AttemptState state)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AttemptListServiceTests.AddAsync(portal, state, "Kept");
        portal.Clock.Advance(Lifetime * 2);

        (await RunAsync(portal)).ShouldBe((0, 0));

        (await portal.ReadAttemptAsync(id)).SealedConfiguration.ShouldContainKey(ElementCatalog.EncryptedKeyKey);
    }

    [Theory]
    [InlineData(AttemptState.Denied)]
    [InlineData(AttemptState.Expired)]
    [InlineData(AttemptState.Failed)]
    public async Task RunAsync_EndedBadly_LosesItsSecretsAndKeepsItsRecord(AttemptState state)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await AttemptListServiceTests.AddAsync(portal, state, "Record");
        var before = await portal.ReadAttemptAsync(id);
        portal.Clock.Advance(Lifetime + TimeSpan.FromSeconds(1));

        (await RunAsync(portal)).ShouldBe((0, 1));
        (await RunAsync(portal)).ShouldBe((0, 0));

        var after = await portal.ReadAttemptAsync(id);
        after.SealedConfiguration.ShouldBeEmpty();
        after.Configuration.ShouldBe(before.Configuration);
        after.History.Count.ShouldBe(before.History.Count);
        (after.State, after.UpdatedAt, after.Version).ShouldBe((before.State, before.UpdatedAt, before.Version + 1));

        // Trying it again says why the key is asked for once more.
        var again = (await portal.Drafts.TryAgainAsync(id, Actor.Portal, Token)).Value;
        var line = (await portal.Consents.CheckAsync(again, Token)).Single(line => line.Level == CheckLevel.Failed);
        line.Step.ShouldBe(WizardStep.Account);
        line.Detail.ShouldBe("Enter the Infusionsoft encrypted key again: it could not be taken over from the earlier attempt. The portal erases the secrets of attempts that ended more than 30 days ago.");
    }

    [Fact]
    public async Task RunAsync_ManyInTwoProcesses_RemovesEachOnce()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddAccountAsync();
        for (var number = 0; number < 130; number++)
            _ = await portal.Drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = account }, Actor.Portal, Token);
        portal.Clock.Advance(Lifetime * 2);
        await using var other = portal.Another();

        var done = await Task.WhenAll(RunAsync(portal), RunAsync(other));

        done.Sum(counts => counts.Drafts).ShouldBe(130);
        (await portal.ListActivityAsync(ActivityAction.DraftRemoved)).Count.ShouldBe(130);
    }

    [Fact]
    public async Task Worker_Started_CleansAtOnceAndEveryHour()
    {
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?> { ["Portal:DraftLifetime"] = "1.00:00:00" });
        _ = await portal.AddDraftAsync(name: "First");
        portal.Clock.Advance(TimeSpan.FromDays(2));
        using var worker = new ScheduledWorker<AttemptCleanup>(portal.Get<AttemptCleanup>(), portal.Clock, NullLogger<AttemptCleanup>.Instance);
        await worker.StartAsync(Token);
        await UntilRemovedAsync(1);

        _ = await portal.AddDraftAsync(name: "Second");
        portal.Clock.Advance(TimeSpan.FromDays(2));
        await UntilRemovedAsync(2);
        await worker.StopAsync(Token);

        async Task UntilRemovedAsync(int count)
        {
            while ((await portal.ListActivityAsync(ActivityAction.DraftRemoved)).Count < count) await Task.Yield();
        }
    }

    [Fact]
    public async Task DiscardAsync_ByAPerson_IsNotedUnderTheirName()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync(name: "Not wanted");

        (await portal.Drafts.DiscardAsync(id, Reauthentications.Ada, Token)).Succeeded.ShouldBeTrue();
        (await portal.Drafts.DiscardAsync(id, Reauthentications.Ada, Token)).Succeeded.ShouldBeFalse();

        var noted = (await portal.ListActivityAsync(ActivityAction.DraftDiscarded)).ShouldHaveSingleItem();
        (noted.Subject, noted.PersonName).ShouldBe(("Not wanted", "ada@example.com"));
    }

    private static Task<(int Drafts, int Secrets)> RunAsync(TestPortal portal) => portal.Get<AttemptCleanup>().RunAsync(Token);
}
