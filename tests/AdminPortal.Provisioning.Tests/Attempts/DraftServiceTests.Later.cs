using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

/// <content>Drafts whose consent is pending or has ended.</content>
public sealed partial class DraftServiceTests
{
    [Fact]
    public async Task SaveAnything_ConsentPending_KillsTheStateThatWasSent()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "Other name" }, Token)).Succeeded.ShouldBeTrue();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Draft);
        attempt.StateHash.ShouldBeNull();
        attempt.OAuthUrl.ShouldBeNull();
        attempt.History.Select(line => line.Event).ShouldContain(AttemptEvent.Reopened);
        _ = (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBeOfType<CallbackOutcome.UnknownState>();
    }

    [Fact]
    public async Task GoToAsync_ConsentPending_LooksWithoutKillingTheState()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);

        (await portal.Drafts.GoToAsync(id, WizardStep.Options, Token)).Succeeded.ShouldBeTrue();

        (await portal.ReadAttemptAsync(id)).Step.ShouldBe(WizardStep.Options);
        (await portal.Consents.ReceiveAsync(portal.Return(state), Token)).ShouldBe(new CallbackOutcome.Attempt(id, Again: false));
    }

    [Fact]
    public async Task KeepOptionsAsync_NothingChangedAndConsentPending_LeavesItPending()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        _ = await portal.SendAwayAsync(id);

        _ = await portal.Drafts.KeepOptionsAsync(id, new InstanceOptions { Name = "API instance", Tags = ["docs"] }, Token);

        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.AwaitingConsent);
    }

    [Fact]
    public async Task Save_AttemptHasGoneOnOrIsGone_SaysSo()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddReceivedAsync();

        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "x" }, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await portal.Drafts.DiscardAsync(id, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await portal.Drafts.SaveOptionsAsync(Guid.NewGuid(), new InstanceOptions { Name = "x" }, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await portal.Drafts.TryAgainAsync(id, Actor.Portal, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await portal.Drafts.TryAgainAsync(Guid.NewGuid(), Actor.Portal, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
        (await portal.ReadAttemptAsync(id)).State.ShouldBe(AttemptState.CodeReceived);
    }

    [Fact]
    public async Task DiscardAsync_Draft_RemovesItWithItsHistory()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        _ = await portal.SendAwayAsync(id);

        (await portal.Drafts.DiscardAsync(id, Token)).Succeeded.ShouldBeTrue();

        await using var db = portal.OpenDatabase();
        (await db.Attempts.AnyAsync(Token)).ShouldBeFalse();
        (await db.AttemptHistory.AnyAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task TryAgainAsync_Denied_BeginsANewAttemptWithSecretsSealedAnew()
    {
        await using var portal = await TestPortal.StartAsync();
        var old = await DenyAsync(portal);
        var before = await portal.ReadAttemptAsync(old);

        var id = (await portal.Drafts.TryAgainAsync(old, Actor.Portal, Token)).Value;

        id.ShouldNotBe(old);
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Draft);
        attempt.PreviousAttemptId.ShouldBe(old);
        attempt.Step.ShouldBe(WizardStep.Review);
        attempt.Name.ShouldBe(before.Name);
        attempt.Tags.ShouldBe(before.Tags);
        attempt.ProviderAppId.ShouldBe(before.ProviderAppId);
        attempt.Configuration.ShouldBe(before.Configuration);
        attempt.StateHash.ShouldBeNull();
        var copied = attempt.SealedConfiguration[ElementCatalog.EncryptedKeyKey];
        copied.ShouldNotBe(before.SealedConfiguration[ElementCatalog.EncryptedKeyKey]);
        portal.Secrets.Open(attempt.SealedConfigurationOf(ElementCatalog.EncryptedKeyKey)).ShouldBe(TestPortal.EncryptedKey);
        _ = Should.Throw<SecretUnreadableException>(() => portal.Secrets.Open(new Secret(SecretKind.ConfigurationValue, old, copied)));
        (await portal.ReadAttemptAsync(old)).State.ShouldBe(AttemptState.Denied);
    }

    [Fact]
    public async Task TryAgainAsync_Twice_LeadsToTheSameDraft()
    {
        await using var portal = await TestPortal.StartAsync();
        var old = await DenyAsync(portal);

        var first = (await portal.Drafts.TryAgainAsync(old, Actor.Portal, Token)).Value;
        var second = (await portal.Drafts.TryAgainAsync(old, Actor.Portal, Token)).Value;

        second.ShouldBe(first);
    }

    [Fact]
    public async Task TryAgainAsync_SecretDoesNotOpen_LeavesItOutAndTheReviewAsksForIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var old = await DenyAsync(portal);
        await using (var db = portal.OpenDatabase())
        {
            var row = await db.Attempts.SingleAsync(Token);
            row.SealedConfiguration = new Dictionary<string, Sealed> { [ElementCatalog.EncryptedKeyKey] = new("damaged") };
            _ = await db.SaveChangesAsync(Token);
        }

        var id = (await portal.Drafts.TryAgainAsync(old, Actor.Portal, Token)).Value;

        (await portal.ReadAttemptAsync(id)).SealedConfiguration.ShouldBeEmpty();
        (await portal.Consents.CheckAsync(id, Token)).ShouldContain(line => line.Level == CheckLevel.Failed && line.Step == WizardStep.Account);
    }

    private static async Task<Guid> DenyAsync(TestPortal portal)
    {
        var id = await portal.AddDraftAsync();
        var state = await portal.SendAwayAsync(id);
        _ = await portal.Consents.ReceiveAsync(portal.Return(state, null) with { Error = "access_denied" }, Token);
        return id;
    }
}
