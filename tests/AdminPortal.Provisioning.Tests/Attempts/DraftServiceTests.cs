using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Attempts;

public sealed partial class DraftServiceTests
{
    private static readonly EventSettings Polling = new()
    {
        Enabled = true,
        CallbackUrl = "https://portal.example.com/events",
        Resources = ["orders", "contacts"],
        Minutes = 30,
    };

    [Theory]
    [InlineData(ElementKey.Crm)]
    [InlineData(ElementKey.Marketing)]
    [InlineData(ElementKey.Erp)]
    public async Task Steps_ElementWithDetails_AreSavedOneByOne(string element)
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddAccountAsync();
        var app = await portal.AddAppAsync();
        var person = Guid.NewGuid();

        var id = (await portal.Drafts.StartAsync(new ElementChoice { ElementKey = element, PlatformAccountId = account }, person, Token)).Value;
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.Step.ShouldBe(WizardStep.Provider);
        attempt.CreatedBy.ShouldBe(person);
        attempt.ElementKey.ShouldBe(element);
        attempt.History.ShouldHaveSingleItem().Event.ShouldBe(AttemptEvent.Created);

        (await portal.Drafts.SaveProviderAsync(id, new ProviderChoice { ProviderAppId = app }, Token)).Succeeded.ShouldBeTrue();
        (await portal.ReadAttemptAsync(id)).Step.ShouldBe(WizardStep.Account);

        (await portal.Drafts.SaveAccountAsync(id, Details("https://DT123.infusionsoft.com/", " 47d\r\nkey "), Token)).Succeeded.ShouldBeTrue();
        attempt = await portal.ReadAttemptAsync(id);
        attempt.Step.ShouldBe(WizardStep.Options);
        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe(TestPortal.Server);
        attempt.Configuration.ShouldNotContainKey(ElementCatalog.EncryptedKeyKey);
        portal.Secrets.Open(attempt.SealedConfigurationOf(ElementCatalog.EncryptedKeyKey)).ShouldBe("47dkey");

        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "  API instance ", Tags = [" docs ", "", "  "] }, Token)).Succeeded.ShouldBeTrue();
        attempt = await portal.ReadAttemptAsync(id);
        attempt.Step.ShouldBe(WizardStep.Review);
        attempt.Name.ShouldBe("API instance");
        attempt.Tags.ShouldBe(["docs"]);
        attempt.State.ShouldBe(AttemptState.Draft);
    }

    [Theory]
    [InlineData(ElementKey.Rest)]
    [InlineData(ElementKey.Ecommerce)]
    public async Task Steps_ElementWithoutDetails_SkipTheAccount(string element)
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddAccountAsync();
        var id = (await portal.Drafts.StartAsync(new ElementChoice { ElementKey = element, PlatformAccountId = account }, Actor.Portal, Token)).Value;

        _ = await portal.Drafts.SaveProviderAsync(id, new ProviderChoice { ProviderAppId = await portal.AddAppAsync() }, Token);

        (await portal.ReadAttemptAsync(id)).Step.ShouldBe(WizardStep.Options);
    }

    [Fact]
    public async Task SaveOptionsAsync_SignatureKey_IsSealedKeptAndSentAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync(ElementKey.Rest);
        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "n", Events = Polling, SignatureKey = " sign-it " }, Token)).Succeeded.ShouldBeTrue();
        // Empty keeps the stored one.
        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "n", Events = Polling }, Token)).Succeeded.ShouldBeTrue();
        // Another element with events keeps it as well.
        var draft = await portal.ReadAttemptAsync(id);
        (await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Ecommerce, PlatformAccountId = draft.PlatformAccountId }, Token)).Succeeded.ShouldBeTrue();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.SealedConfiguration.Keys.ShouldBe([SignatureKey.Key]);
        attempt.SealedConfiguration[SignatureKey.Key].Ciphertext.ShouldNotContain("sign-it");
        portal.Secrets.Open(attempt.SealedConfigurationOf(SignatureKey.Key)).ShouldBe("sign-it");
        (await portal.Get<RequestPreview>().WriteAsync(id, Token))!.Value.Create.ShouldContain("\"event.notification.signature.key\": \"YOUR_SIGNATURE_KEY\"");

        // One without has no use for it.
        (await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = draft.PlatformAccountId }, Token)).Succeeded.ShouldBeTrue();
        (await portal.ReadAttemptAsync(id)).SealedConfiguration.ShouldBeEmpty();
    }

    [Fact]
    public async Task SaveOptionsAsync_MaskAsSignatureKey_IsRefused()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync(ElementKey.Rest);
        var options = new InstanceOptions { Name = "n", Events = Polling, SignatureKey = "********" };

        (await portal.Drafts.SaveOptionsAsync(id, options, Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(InstanceOptions.SignatureKey));
        _ = await portal.Drafts.KeepOptionsAsync(id, options, Token);

        (await portal.ReadAttemptAsync(id)).SealedConfiguration.ShouldBeEmpty();
    }

    [Fact]
    public async Task StartAsync_InvalidChoice_SavesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var account = await portal.AddAccountAsync();

        var unknownElement = await portal.Drafts.StartAsync(new ElementChoice { ElementKey = "salesforce", PlatformAccountId = account }, Actor.Portal, Token);
        var noAccount = await portal.Drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Rest }, Actor.Portal, Token);
        var unknownAccount = await portal.Drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = Guid.NewGuid() }, Actor.Portal, Token);

        unknownElement.Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(ElementChoice.ElementKey));
        noAccount.Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(ElementChoice.PlatformAccountId));
        unknownAccount.Problems.ShouldHaveSingleItem().Field.ShouldBe(nameof(ElementChoice.PlatformAccountId));
        await using var db = portal.OpenDatabase();
        (await db.Attempts.AnyAsync(Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task SaveSteps_InvalidInput_SaveNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var before = await portal.ReadAttemptAsync(id);

        Result<Done>[] results =
        [
            await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = "x", PlatformAccountId = before.PlatformAccountId }, Token),
            await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = Guid.NewGuid() }, Token),
            await portal.Drafts.SaveProviderAsync(id, new ProviderChoice(), Token),
            await portal.Drafts.SaveProviderAsync(id, new ProviderChoice { ProviderAppId = Guid.NewGuid() }, Token),
            await portal.Drafts.SaveAccountAsync(id, Details("http://dt123.infusionsoft.com", "new-key"), Token),
            await portal.Drafts.SaveAccountAsync(id, Details("zz999.infusionsoft.com", "schlüssel"), Token),
            await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "" }, Token),
            await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "ok", Tags = ["portal:mine"] }, Token),
        ];

        results.ShouldAllBe(result => result.Problems.Count > 0 && result.Problems.All(problem => problem.Kind == ProblemKind.Invalid));
        var after = await portal.ReadAttemptAsync(id);
        after.Version.ShouldBe(before.Version);
        after.Configuration.ShouldBe(before.Configuration);
        after.SealedConfiguration.ShouldBe(before.SealedConfiguration);
        after.ElementKey.ShouldBe(before.ElementKey);
        after.Name.ShouldBe(before.Name);
    }

    [Fact]
    public async Task SaveAccountAsync_EmptySecret_KeepsTheStoredOneButAsksForAMissingOne()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        (await portal.Drafts.SaveAccountAsync(id, Details("zt119.infusionsoft.com", " \r\n"), Token)).Succeeded.ShouldBeTrue();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe("zt119.infusionsoft.com");
        portal.Secrets.Open(attempt.SealedConfigurationOf(ElementCatalog.EncryptedKeyKey)).ShouldBe(TestPortal.EncryptedKey);

        var fresh = (await portal.Drafts.StartAsync(new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = attempt.PlatformAccountId }, Actor.Portal, Token)).Value;
        (await portal.Drafts.SaveAccountAsync(fresh, Details(TestPortal.Server, ""), Token)).Problems.ShouldHaveSingleItem().Field.ShouldBe(ElementCatalog.EncryptedKeyKey);
    }

    [Fact]
    public async Task SaveAccountAsync_ValuesOfNoField_AreIgnored()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var details = Details(TestPortal.Server, "key");
        details.Values["oauth.api.secret"] = "smuggled";

        _ = await portal.Drafts.SaveAccountAsync(id, details, Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.Configuration.Keys.ShouldBe([ElementCatalog.ServerKey]);
        attempt.SealedConfiguration.Keys.ShouldBe([ElementCatalog.EncryptedKeyKey]);
    }

    [Fact]
    public async Task KeepAccountAsync_UncheckedInput_IsThereAgainWithoutMovingOn()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        _ = await portal.Drafts.GoToAsync(id, WizardStep.Account, Token);

        (await portal.Drafts.KeepAccountAsync(id, Details("not a host", "typed-key"), Token)).Succeeded.ShouldBeTrue();

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.Step.ShouldBe(WizardStep.Account);
        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe("not a host");
        portal.Secrets.Open(attempt.SealedConfigurationOf(ElementCatalog.EncryptedKeyKey)).ShouldBe("typed-key");
        (await portal.Consents.AuthorizeAsync(id, Token)).ShouldContain(line => line.Level == CheckLevel.Failed && line.Step == WizardStep.Account);
        portal.Platform.UrlRequests.ShouldBeEmpty();
    }

    [Fact]
    public async Task KeepAccountAsync_OversizedInput_KeepsWhatWasThere()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        _ = await portal.Drafts.KeepAccountAsync(id, Details(new string('x', 257), "schlüssel"), Token);

        var attempt = await portal.ReadAttemptAsync(id);
        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe(TestPortal.Server);
        portal.Secrets.Open(attempt.SealedConfigurationOf(ElementCatalog.EncryptedKeyKey)).ShouldBe(TestPortal.EncryptedKey);
    }

    [Fact]
    public async Task KeepOptionsAsync_PartlyInvalid_KeepsWhatItsBoundsAllow()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync(ElementKey.Rest);

        _ = await portal.Drafts.KeepOptionsAsync(id, new InstanceOptions { Name = "", Tags = ["new"], Events = Polling with { CallbackUrl = "half an addr" } }, Token);
        var attempt = await portal.ReadAttemptAsync(id);
        attempt.Name.ShouldBe("");
        attempt.Tags.ShouldBe(["new"]);
        attempt.Events!.CallbackUrl.ShouldBe("half an addr");

        _ = await portal.Drafts.KeepOptionsAsync(
            id, new InstanceOptions { Name = new string('x', 256), Tags = [new string('t', 65)], Events = Polling with { PollerConfiguration = new string('{', 20_001) } }, Token);
        attempt = await portal.ReadAttemptAsync(id);
        attempt.Name.ShouldBe("");
        attempt.Tags.ShouldBe(["new"]);
        attempt.Events!.CallbackUrl.ShouldBe("half an addr");
        attempt.Step.ShouldBe(WizardStep.Review);
    }

    [Fact]
    public async Task SaveElementAsync_AnotherElement_DropsValuesThatItDoesNotHave()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();
        var account = (await portal.ReadAttemptAsync(id)).PlatformAccountId;

        (await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Marketing, PlatformAccountId = account }, Token)).Succeeded.ShouldBeTrue();
        var marketing = await portal.ReadAttemptAsync(id);
        marketing.Configuration[ElementCatalog.ServerKey].ShouldBe(TestPortal.Server);
        marketing.SealedConfiguration.ShouldContainKey(ElementCatalog.EncryptedKeyKey);

        (await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = account }, Token)).Succeeded.ShouldBeTrue();
        var rest = await portal.ReadAttemptAsync(id);
        rest.Configuration.ShouldBeEmpty();
        rest.SealedConfiguration.ShouldBeEmpty();
        rest.Name.ShouldBe("API instance");
    }

    [Fact]
    public async Task SaveElementAsync_AnotherElement_DropsEventsThatItDoesNotHave()
    {
        await using var portal = await TestPortal.StartAsync();
        const string Own = """{"orders":{"url":"/hubs/crm/orders"}}""";
        var id = await portal.AddDraftAsync(ElementKey.Rest);
        var account = (await portal.ReadAttemptAsync(id)).PlatformAccountId;
        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "n", Events = Polling with { PollerConfiguration = Own } }, Token)).Succeeded.ShouldBeTrue();

        _ = await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = account }, Token);
        (await portal.ReadAttemptAsync(id)).Events!.PollerConfiguration.ShouldBe(Own);

        _ = await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Ecommerce, PlatformAccountId = account }, Token);
        var ecommerce = (await portal.ReadAttemptAsync(id)).Events!;
        ecommerce.Resources.ShouldBe(["orders"]);
        ecommerce.PollerConfiguration.ShouldBe("");
        ecommerce.CallbackUrl.ShouldBe(Polling.CallbackUrl);

        _ = await portal.Drafts.SaveElementAsync(id, new ElementChoice { ElementKey = ElementKey.Crm, PlatformAccountId = account }, Token);
        (await portal.ReadAttemptAsync(id)).Events.ShouldBeNull();
    }

    [Fact]
    public async Task SaveOptionsAsync_EventsOfAnElementWithoutEvents_AreNotStored()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        (await portal.Drafts.SaveOptionsAsync(id, new InstanceOptions { Name = "n", Events = Polling }, Token)).Succeeded.ShouldBeTrue();

        (await portal.ReadAttemptAsync(id)).Events.ShouldBeNull();
    }

    [Fact]
    public async Task FindAsync_Attempt_ShowsWhichSecretsAreStoredAndNoneOfThem()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.AddDraftAsync();

        var view = (await portal.Get<AttemptService>().FindAsync(id, Token))!;

        view.StoredSecrets.ShouldBe([ElementCatalog.EncryptedKeyKey]);
        view.ToString().ShouldNotContain(TestPortal.EncryptedKey);
        view.AccountName.ShouldBe("Staging");
        view.ClientId.ShouldBe("client-id");
        view.IsEditable.ShouldBeTrue();
        (await portal.Get<AttemptService>().FindAsync(Guid.NewGuid(), Token)).ShouldBeNull();
        (await portal.Get<AttemptService>().ListRecentAsync(5, Token)).ShouldHaveSingleItem().Id.ShouldBe(id);
    }

    private static AccountDetails Details(string server, string key) =>
        new() { Values = new() { [ElementCatalog.ServerKey] = server, [ElementCatalog.EncryptedKeyKey] = key } };
}
