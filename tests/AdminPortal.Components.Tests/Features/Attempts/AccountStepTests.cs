using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Features.Attempts;
using AdminPortal.Provisioning.Attempts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class AccountStepTests : PortalTest
{
    private const string ServerLabel = "Infusionsoft server";
    private const string KeyLabel = "Infusionsoft encrypted key";

    [Theory]
    [InlineData(ElementKey.Crm)]
    [InlineData(ElementKey.Marketing)]
    [InlineData(ElementKey.Erp)]
    public async Task AccountStep_LegacyElement_AsksForServerAndKeyAndSaysThatKeysAreRetired(string key)
    {
        var step = await RenderStepAsync(key);

        step.HasField(ServerLabel).ShouldBeTrue();
        step.HasField(KeyLabel).ShouldBeTrue();
        step.Words().ShouldContain("Keap ended legacy keys");
        step.Description(ServerLabel).ShouldContain("address bar");
    }

    [Theory]
    [InlineData("dt123.infusionsoft.com")]
    [InlineData(" https://DT123.Infusionsoft.com/ ")]
    public async Task AccountStep_ServerUnderstood_IsEchoed(string typed)
    {
        var step = await RenderStepAsync();

        step.Enter(ServerLabel, typed);

        step.Role("status").ShouldContain("Understood as dt123.infusionsoft.com");
        step.Description(ServerLabel).ShouldContain("Understood as dt123.infusionsoft.com");
        step.Field(ServerLabel).HasAttribute("aria-invalid").ShouldBeFalse();
    }

    [Fact]
    public async Task AccountStep_BareLabel_SuggestsTheFullNameAndTakesIt()
    {
        var step = await RenderStepAsync();
        step.Enter(ServerLabel, "dt123");
        step.Description(ServerLabel).ShouldContain("The server needs its full name");

        step.Press("dt123.infusionsoft.com");

        step.Field(ServerLabel).GetAttribute("value").ShouldBe(Server);
        step.Words().ShouldContain("Understood as dt123.infusionsoft.com");
        step.Words().ShouldNotContain("The server needs its full name");
        (await AttemptAsync()).Configuration[ElementCatalog.ServerKey].ShouldBe(Server);
    }

    [Theory]
    [InlineData("  ", "Enter the host of the Infusionsoft account")]
    [InlineData("dt123.infusionsoft。com", "characters that look like a host name's but are not")]
    [InlineData("dt 123.infusionsoft.com", "has no blanks in it")]
    [InlineData("http://dt123.infusionsoft.com", "by https only")]
    [InlineData("ftp://dt123.infusionsoft.com", "Enter the bare host, or its address with https://")]
    [InlineData("ada@dt123.infusionsoft.com", "An @ does not belong")]
    [InlineData("dt123.infusionsoft.com/app", "without what follows the slash")]
    [InlineData("dt123.infusionsoft.com:443", "Leave out the colon")]
    [InlineData("dt123.infusionsoft.com.evil.org", "belongs to another domain")]
    [InlineData("dt123.example.com", "not a host of infusionsoft.com")]
    [InlineData("a.dt123.infusionsoft.com", "one name too many")]
    [InlineData("xn--dt-abc.infusionsoft.com", "Names that begin with xn--")]
    [InlineData("www.infusionsoft.com", "one of Infusionsoft's own hosts")]
    [InlineData("-dt123.infusionsoft.com", "letters, digits and inner hyphens")]
    public async Task AccountStep_ServerRefused_SaysWhy(string typed, string reason)
    {
        var step = await RenderStepAsync();

        step.Enter(ServerLabel, typed);

        step.Description(ServerLabel).ShouldContain(reason);
        step.Field(ServerLabel).GetAttribute("aria-invalid").ShouldBe("true");
        step.Words().ShouldNotContain("Understood as");
    }

    [Fact]
    public async Task AccountStep_Typed_SurvivesAReloadButNotTheSecret()
    {
        var step = await RenderStepAsync();

        step.Enter(ServerLabel, "https://dt123.infusionsoft.com");
        step.Enter(KeyLabel, EncryptedKey);

        var attempt = await AttemptAsync();
        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe(Server);
        attempt.StoredSecrets.ShouldBeEmpty();
        attempt.State.ShouldBe(AttemptState.Draft);
        RenderStep(attempt).Field(ServerLabel).GetAttribute("value").ShouldBe(Server);
    }

    [Fact]
    public async Task AccountStep_KeyMissing_IsNamedAndFocused()
    {
        var step = await RenderStepAsync();
        step.Button("Continue").GetAttribute("title").ShouldBe("Infusionsoft server is missing.");
        step.Enter(ServerLabel, Server);
        step.Button("Continue").GetAttribute("title").ShouldBe("Infusionsoft encrypted key is missing.");

        step.Press("Continue");

        step.Description(KeyLabel).ShouldContain("Enter the Infusionsoft encrypted key.");
        Calls("portal.focusInvalid").ShouldBe(1);
        Address.ShouldBe("/");
    }

    [Fact]
    public async Task AccountStep_Complete_StoresTheKeySealedAndGoesOn()
    {
        var step = await RenderStepAsync();
        step.Enter(ServerLabel, Server);

        step.Enter(KeyLabel, $" {EncryptedKey}\r\n");
        step.Words().ShouldContain("pasted along have been taken out");
        step.Markup.ShouldNotContain(EncryptedKey);
        step.Press("Continue");

        var attempt = await AttemptAsync();
        Address.ShouldBe($"/connect/{attempt.Id}/options");
        attempt.StoredSecrets.ShouldBe([ElementCatalog.EncryptedKeyKey]);
        (await OpenKeyAsync()).ShouldBe(EncryptedKey);
    }

    [Fact]
    public async Task AccountStep_KeyWithForeignCharacters_IsRefused()
    {
        var step = await RenderStepAsync();

        step.Enter(KeyLabel, "schlüssel");

        step.Description(KeyLabel).ShouldContain("can hold printable characters only");
        step.Field(KeyLabel).GetAttribute("aria-invalid").ShouldBe("true");
    }

    [Fact]
    public async Task AccountStep_StoredKeyAndEmptyField_KeepsTheStoredOne()
    {
        var id = await AddDraftAsync();
        var step = RenderStep(await ReadAttemptAsync(id));
        step.Words().ShouldContain("Stored and never shown again");
        step.Markup.ShouldNotContain(EncryptedKey);
        step.Button("Continue").HasAttribute("title").ShouldBeFalse();

        step.Press($"Replace {KeyLabel}");
        step.Press("Continue");

        Address.ShouldBe($"/connect/{id}/options");
        (await OpenKeyAsync()).ShouldBe(EncryptedKey);
    }

    [Fact]
    public async Task AccountStep_StoredKeyReplaced_StoresTheNewOne()
    {
        var id = await AddDraftAsync();
        var step = RenderStep(await ReadAttemptAsync(id));

        step.Press($"Replace {KeyLabel}");
        step.Enter(KeyLabel, "another-key");
        step.Press("Continue");

        (await OpenKeyAsync()).ShouldBe("another-key");
    }

    [Fact]
    public async Task AccountStep_Back_KeepsWhatWasTyped()
    {
        var step = await RenderStepAsync();
        step.Enter(ServerLabel, "not a server");
        step.Enter(KeyLabel, EncryptedKey);

        step.Press("Back");

        var attempt = await AttemptAsync();
        Address.ShouldBe($"/connect/{attempt.Id}/provider");
        attempt.Configuration[ElementCatalog.ServerKey].ShouldBe("not a server");
        attempt.StoredSecrets.ShouldBe([ElementCatalog.EncryptedKeyKey]);
    }

    [Fact]
    public async Task AccountStep_SixthElement_AsksForItsOwnFields()
    {
        Services.AddSingleton(new ElementCatalog(
        [
            .. ElementCatalog.Infusionsoft.All,
            new("acmeshop", "Acme Shop", "ecommerce")
            {
                Fields = [new("acme.shop", FieldFormat.Text, Required: true, Secret: false), new("acme.note", FieldFormat.Text, Required: false, Secret: false), new("acme.key", FieldFormat.PrintableKey, Required: true, Secret: true)],
            },
        ]));
        var step = await RenderStepAsync("acmeshop");
        // An element without texts shows the names of its fields.
        step.FindAll("label").Count.ShouldBe(3);
        step.Field("Field.acme.note.Label").HasAttribute("aria-required").ShouldBeFalse();

        step.Enter("Field.acme.shop.Label", "My shop");
        step.Enter("Field.acme.key.Label", "k-1");
        step.Press("Continue");

        var attempt = await AttemptAsync();
        attempt.Configuration.ShouldBe(new Dictionary<string, string> { ["acme.shop"] = "My shop" });
        attempt.StoredSecrets.ShouldBe(["acme.key"]);
        Address.ShouldBe($"/connect/{attempt.Id}/options");
    }

    [Fact]
    public async Task AccountStep_AttemptGoneOnMeanwhile_SaysSo()
    {
        var id = await AddDraftAsync();
        var step = RenderStep(await ReadAttemptAsync(id));
        await SetAttemptAsync(id, AttemptState.Active);

        step.Press("Continue");

        step.Role("alert").ShouldHaveSingleItem().ShouldContain("cannot be changed any more");
    }

    private async Task<AttemptView> AttemptAsync() => await ReadAttemptAsync((await ListAttemptsAsync()).ShouldHaveSingleItem());

    private async Task<string> OpenKeyAsync()
    {
        await using var db = OpenDatabase();
        var attempt = await db.Attempts.SingleAsync(Token);
        return Get<ISecretBox>().Open(new Secret(SecretKind.ConfigurationValue, attempt.Id, attempt.SealedConfiguration[ElementCatalog.EncryptedKeyKey]), SecretOrigin.Of("https://staging.cloud-elements.com"));
    }

    private async Task<IRenderedComponent<AccountStep>> RenderStepAsync(string element = ElementKey.Crm) => RenderStep(await ReadAttemptAsync(await BeginAsync(element)));

    private IRenderedComponent<AccountStep> RenderStep(AttemptView attempt) => Render<AccountStep>(step => step.Add(s => s.Attempt, attempt));
}
