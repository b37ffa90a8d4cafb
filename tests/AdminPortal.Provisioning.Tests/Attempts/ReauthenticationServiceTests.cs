using AdminPortal.Domain;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AdminPortal.Provisioning.Tests.Support.Reauthentications;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed class ReauthenticationServiceTests
{
    [Fact]
    public async Task StartAsync_ConnectedInstance_BeginsAtTheReviewWithWhatIsKnown()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        portal.Platform.OnGet = id => Tell(id, Configuration());

        var id = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.State.ShouldBe(AttemptState.Draft);
        attempt.TargetInstanceId.ShouldBe(instanceId);
        attempt.IsReauthentication.ShouldBeTrue();
        attempt.ElementKey.ShouldBe(ElementKey.Crm);
        attempt.Name.ShouldBe("API instance");
        attempt.Tags.ShouldBe(["docs"]);
        attempt.ProviderAppId.ShouldNotBeNull();
        attempt.Configuration.ShouldBe(new Dictionary<string, string> { [ElementCatalog.ServerKey] = TestPortal.Server });
        attempt.SealedConfiguration.ShouldBeEmpty();
        attempt.Events.ShouldBeNull();
        attempt.Step.ShouldBe(WizardStep.Review);
        attempt.CreatedBy.ShouldBe(Ada.PersonId);
        var line = (await portal.ListActivityAsync(ActivityAction.ReauthenticationStarted)).ShouldHaveSingleItem();
        line.InstanceId.ShouldBe(instanceId);
        line.PersonName.ShouldBe("ada@example.com");
    }

    [Fact]
    public async Task StartAsync_TwoClicks_LeadToTheSameDraft()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var service = portal.Get<ReauthenticationService>();

        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => (await service.StartAsync(instanceId, Ada, Token)).Value, Token)));

        ids.Distinct().ShouldHaveSingleItem();
        await using var db = portal.OpenDatabase();
        (await db.Attempts.CountAsync(attempt => attempt.TargetInstanceId == instanceId, Token)).ShouldBe(1);
        (await portal.ListActivityAsync(ActivityAction.ReauthenticationStarted)).Count.ShouldBe(1);
        (await service.FindOpenAsync(instanceId, Token)).ShouldBe(ids[0]);
    }

    [Fact]
    public async Task StartAsync_OneIsUnderWay_LeadsThereAndAfterItsEndANewOneBegins()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var service = portal.Get<ReauthenticationService>();
        var first = await portal.ReceiveAgainAsync(instanceId);

        (await service.StartAsync(instanceId, Ada, Token)).Value.ShouldBe(first);
        await portal.Provisioner.ExchangeAsync(first);

        (await service.FindOpenAsync(instanceId, Token)).ShouldBeNull();
        (await service.StartAsync(instanceId, Ada, Token)).Value.ShouldNotBe(first);
    }

    [Fact]
    public async Task StartAsync_AppIsGone_BeginsAtTheProvider()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        await using (var db = portal.OpenDatabase()) await db.ProviderApps.ExecuteDeleteAsync(Token);

        var attempt = await portal.ReadAttemptAsync((await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value);

        attempt.ProviderAppId.ShouldBeNull();
        attempt.Step.ShouldBe(WizardStep.Provider);
    }

    [Fact]
    public async Task StartAsync_AppKnownByTheFirstAttemptAlone_TakesThat()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var app = (await portal.ReadInstanceAsync(instanceId)).ProviderAppId;
        await portal.ChangeInstanceAsync(instanceId, row => row.ProviderAppId = null);

        var attempt = await portal.ReadAttemptAsync((await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value);

        attempt.ProviderAppId.ShouldBe(app);
    }

    [Fact]
    public async Task StartAsync_PlatformDoesNotHaveIt_SaysSoAndRemembers()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404, "No instance found");

        var started = await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token);

        started.Problems.ShouldHaveSingleItem().Message.ShouldStartWith("The platform does not have API instance any more");
        (await portal.ReadInstanceAsync(instanceId)).State.ShouldBe(InstanceState.MissingOnPlatform);
    }

    [Fact]
    public async Task StartAsync_PlatformNotReached_BeginsWithWhatThePortalKnows()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        portal.Platform.OnGet = _ => new PlatformOutcome<PlatformInstance>.Unreachable(UnsentReason.NotConnected);

        var attempt = await portal.ReadAttemptAsync((await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value);

        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe(TestPortal.Server);
    }

    [Fact]
    public async Task StartAsync_NothingKnownOfTheServer_BeginsAtTheAccount()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        await portal.ChangeInstanceAsync(instanceId, row => row.AccountServer = null);

        var attempt = await portal.ReadAttemptAsync((await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value);

        attempt.Step.ShouldBe(WizardStep.Account);
    }

    [Fact]
    public async Task StartAsync_UnknownInstance_IsNotFound()
    {
        await using var portal = await TestPortal.StartAsync();

        (await portal.Get<ReauthenticationService>().StartAsync(Guid.NewGuid(), Ada, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotFound);
    }

    [Fact]
    public async Task Draft_OfATarget_HasNoElementAndNoOptionsToChange()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var id = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;
        var before = await portal.ReadAttemptAsync(id);

        (await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = before.PlatformAccountId }, Token))
            .Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "Other" }, Token)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(ProblemKind.NotNow);
        _ = await portal.Drafts.KeepOptionsAsync(id, new InstanceOptions { Name = "Other" }, Token);

        var after = await portal.ReadAttemptAsync(id);
        after.ElementKey.ShouldBe(ElementKey.Crm);
        after.Name.ShouldBe("API instance");
    }

    [Fact]
    public async Task SaveAccountAsync_EmptyKeyOfATarget_KeepsThePlatformsOwn()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = (await portal.Get<ReauthenticationService>().StartAsync(await portal.ConnectAsync(), Ada, Token)).Value;

        (await portal.Drafts.SaveAccountAsync(id, new AccountDetails { Values = new() { [ElementCatalog.ServerKey] = "ab1.infusionsoft.com" } }, Token)).Succeeded.ShouldBeTrue();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe("ab1.infusionsoft.com");
        attempt.SealedConfiguration.ShouldBeEmpty();
        attempt.Step.ShouldBe(WizardStep.Review);
        (await portal.Consents.CheckAsync(id, Token)).ShouldNotContain(line => line.Level == CheckLevel.Failed);
    }

    [Theory]
    [InlineData(false, CheckLevel.Passed, "The platform has API instance. Its ID, name, tags and events stay.")]
    [InlineData(true, CheckLevel.Warning, "API instance is disabled on the platform and stays disabled. Enable it when it is authorized again.")]
    public async Task CheckAsync_Target_SaysHowItStandsOnThePlatform(bool disabled, CheckLevel level, string sentence)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = (await portal.Get<ReauthenticationService>().StartAsync(await portal.ConnectAsync(), Ada, Token)).Value;
        portal.Platform.OnGet = platformId => Tell(platformId, Configuration(), disabled: disabled);

        (await portal.Consents.CheckAsync(id, Token)).ShouldContain(line => line.Level == level && line.Title == "Instance" && line.Detail == sentence);
    }

    [Fact]
    public async Task CheckAsync_TargetGone_Fails()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var id = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;
        portal.Platform.OnGet = _ => FakePlatform.Refuse<PlatformInstance>(404, "No instance found");
        (await portal.Consents.CheckAsync(id, Token)).ShouldContain(line => line.Level == CheckLevel.Failed && line.Title == "Instance");

        await using (var db = portal.OpenDatabase()) await db.Instances.ExecuteDeleteAsync(Token);

        (await portal.Consents.AuthorizeAsync(id, Token)).ShouldContain(line => line.Level == CheckLevel.Failed && line.Title == "Instance");
        portal.Platform.UrlRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ReviewAsync_MaskedConfiguration_ComparesWhatCanBeCompared()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        portal.Platform.OnGet = id => Tell(id, Configuration());
        var attemptId = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;

        var review = (await portal.Get<ReauthenticationService>().ReviewAsync(attemptId, Token)).Value;

        review.Name.ShouldBe("API instance");
        review.IsDisabled.ShouldBeFalse();
        review.Changes.ShouldBe(
        [
            new ReauthenticationChange("oauth.api.key", ChangeKind.Same, null, "client-id"),
            new ReauthenticationChange("oauth.api.secret", ChangeKind.Sent, null, null),
            new ReauthenticationChange("oauth.callback.url", ChangeKind.Changed, "https://old.example.com/callback", TestPortal.CallbackUrl),
            new ReauthenticationChange("infusionsoft.server", ChangeKind.Changed, "https://dt123.infusionsoft.com", TestPortal.Server),
            new ReauthenticationChange("infusionsoft.private.key", ChangeKind.Kept, null, null),
        ]);
        review.SentBack.ShouldBe(["event.notification.enabled", "filter.response.nulls"]);
    }

    [Fact]
    public async Task ReviewAsync_OtherAppAndNewKey_SaysThatBothChange()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        portal.Platform.OnGet = id => Tell(id, Configuration());
        var attemptId = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;
        (await portal.Drafts.SaveProviderAsync(attemptId, new ProviderChoice { ProviderAppId = await portal.AddAppAsync("Other") }, Token)).Succeeded.ShouldBeTrue();
        (await portal.Drafts.SaveAccountAsync(
            attemptId, new AccountDetails { Values = new() { [ElementCatalog.ServerKey] = TestPortal.Server, [ElementCatalog.EncryptedKeyKey] = "new-key" } }, Token)).Succeeded.ShouldBeTrue();

        var changes = (await portal.Get<ReauthenticationService>().ReviewAsync(attemptId, Token)).Value.Changes;

        changes.Single(change => change.Key == "oauth.api.key").Kind.ShouldBe(ChangeKind.Changed);
        changes.Single(change => change.Key == "infusionsoft.private.key").ShouldBe(new ReauthenticationChange("infusionsoft.private.key", ChangeKind.Replaced, null, null));
    }

    [Fact]
    public async Task ReviewAsync_ClearClientIdOrUnknownApp_SaysSo()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;
        portal.Platform.OnGet = id => Tell(id, new Dictionary<string, string?> { ["oauth.api.key"] = "another-client" });
        (await Review()).ShouldBe(new ReauthenticationChange("oauth.api.key", ChangeKind.Changed, "another-client", "client-id"));

        portal.Platform.OnGet = id => Tell(id, Configuration());
        await portal.ChangeInstanceAsync(instanceId, row => row.ProviderAppId = null);
        (await Review()).Kind.ShouldBe(ChangeKind.NotKnown);

        async Task<ReauthenticationChange> Review() => (await portal.Get<ReauthenticationService>().ReviewAsync(attemptId, Token)).Value.Changes[0];
    }

    [Fact]
    public async Task WriteAsync_Target_ShowsThePutWithWordsInPlaceOfSecrets()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var attemptId = (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value;

        var (_, put) = (await portal.Get<RequestPreview>().WriteAsync(attemptId, Token)).ShouldNotBeNull();

        put.ShouldStartWith("curl -X PUT ");
        put.ShouldContain($"/instances/{(await portal.ReadInstanceAsync(instanceId)).PlatformId}?reAuthenticate=true'");
        put.ShouldContain("YOUR_CLIENT_SECRET");
        put.ShouldNotContain("client-secret");
        put.ShouldNotContain("private.key");
    }

    [Fact]
    public async Task TryAgainAsync_EndedReauthentication_KeepsItsTargetAndFindsTheOpenOne()
    {
        await using var portal = await TestPortal.StartAsync();
        var instanceId = await portal.ConnectAsync();
        var id = await portal.ReceiveAgainAsync(instanceId);
        portal.Platform.OnReauthenticate = (_, _) => Task.FromResult(FakePlatform.Refuse<PlatformInstance>(400, "no"));
        await portal.Provisioner.ExchangeAsync(id);

        var again = (await portal.Drafts.TryAgainAsync(id, Ada.PersonId, Token)).Value;

        (await portal.ReadAttemptAsync(again)).TargetInstanceId.ShouldBe(instanceId);
        (await portal.Get<ReauthenticationService>().StartAsync(instanceId, Ada, Token)).Value.ShouldBe(again);
        (await portal.Drafts.TryAgainAsync(id, Ada.PersonId, Token)).Value.ShouldBe(again);
    }

    [Theory]
    [InlineData(ElementKey.Rest, new[] { WizardStep.Provider, WizardStep.Review })]
    [InlineData(ElementKey.Crm, new[] { WizardStep.Provider, WizardStep.Account, WizardStep.Review })]
    public void StepsFor_Target_AreThoseThatCanChangeAnything(string elementKey, WizardStep[] steps)
    {
        var element = ElementCatalog.Infusionsoft.Find(elementKey);

        WizardFlow.StepsFor(element, reauthenticates: true).ShouldBe(steps);
        WizardFlow.Next(element, WizardStep.Provider, reauthenticates: true).ShouldBe(steps[1]);
        WizardFlow.Previous(element, WizardStep.Review, reauthenticates: true).ShouldBe(steps[^2]);
        WizardFlow.Previous(element, WizardStep.Provider, reauthenticates: true).ShouldBe(WizardStep.Provider);
    }
}
