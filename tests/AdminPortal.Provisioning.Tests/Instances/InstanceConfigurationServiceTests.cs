using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Tests.Support;
using static AdminPortal.Provisioning.Tests.Support.InstanceSeed;

namespace AdminPortal.Provisioning.Tests.Instances;

public sealed class InstanceConfigurationServiceTests
{
    [Theory]
    [InlineData("some.text", "TEXTFIELD_32", "abc", ConfigurationKind.Text, 32, "abc")]
    [InlineData("some.text", "TEXTFIELD_64", "abc", ConfigurationKind.Text, 64, "abc")]
    [InlineData("some.text", "TEXTFIELD_128", "abc", ConfigurationKind.Text, 128, "abc")]
    [InlineData("some.text", "TEXTFIELD_1000", "abc", ConfigurationKind.Text, 1000, "abc")]
    [InlineData("some.text", "COMBO", "abc", ConfigurationKind.Text, 1000, "abc")]
    [InlineData("some.text", null, "abc", ConfigurationKind.Text, 1000, "abc")]
    [InlineData("some.text", "TEXTAREA", "a\nb", ConfigurationKind.LongText, 20_000, "a\nb")]
    [InlineData("some.flag", "BOOLEAN", "true", ConfigurationKind.Boolean, 1000, "true")]
    [InlineData("some.flag", "BOOLEAN_YESNO", "Yes", ConfigurationKind.Boolean, 1000, "Yes")]
    [InlineData("some.code", "CODE_EDITOR", "{}", ConfigurationKind.Code, 20_000, "{}")]
    [InlineData("event.poller.configuration", "TEXTAREA", "{}", ConfigurationKind.Code, 20_000, "{}")]
    [InlineData("some.key", "PASSWORD", "clear", ConfigurationKind.Secret, 512, "")]
    [InlineData("oauth.api.key", "TEXTFIELD_128", "********", ConfigurationKind.Secret, 128, "")]
    [InlineData("oauth.api.secret", "TEXTFIELD_128", "clear", ConfigurationKind.Secret, 128, "")]
    [InlineData("event.notification.signature.key", "TEXTFIELD_1000", "clear", ConfigurationKind.Secret, 1000, "")]
    [InlineData("infusionsoft.private.key", "TEXTFIELD_128", "clear", ConfigurationKind.Secret, 128, "")]
    [InlineData("oauth.user.token", "PASSWORD", "clear", ConfigurationKind.Managed, 512, "")]
    [InlineData("oauth.user.refresh_token", "TEXTFIELD_128", "clear", ConfigurationKind.Managed, 128, "")]
    [InlineData("oauth.user.refresh_interval", "TEXTFIELD_32", "28800", ConfigurationKind.Managed, 32, "28800")]
    [InlineData("oauth.token.url", "TEXTFIELD_1000", "https://api.infusionsoft.com/token", ConfigurationKind.Text, 1000, "https://api.infusionsoft.com/token")]
    [InlineData("event.notification.subscription.id", "TEXTFIELD_32", "7", ConfigurationKind.Managed, 32, "7")]
    public async Task ListAsync_Entry_IsEditedByItsTypeAndNoSecretIsShown(string key, string? type, string value, ConfigurationKind kind, int maxLength, string shown)
    {
        await using var portal = await TestPortal.StartAsync();
        var item = await ListOneAsync(portal, await portal.SeedInstanceAsync(), new InstanceConfigurationEntry(1, key, "Name", value, type, false, false, "For this"));

        item.Kind.ShouldBe(kind);
        item.MaxLength.ShouldBe(maxLength);
        item.Value.ShouldBe(shown);
        item.HasValue.ShouldBeTrue();
        item.Name.ShouldBe("Name");
        item.ToString().ShouldNotContain(value);
    }

    [Fact]
    public async Task ListAsync_ValueTooLongOrHostile_IsCleanedAndWhatWasCutIsNotChanged()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();

        var hostile = await ListOneAsync(portal, id, Entry("a.b", "one\u0007\u202Etwo"));
        var line = await ListOneAsync(portal, id, Entry("a.b", new string('x', 1001)));
        var area = await ListOneAsync(portal, id, Entry("a.b", new string('x', 20_001), "TEXTAREA"));

        hostile.Value.ShouldBe("one two");
        line.Kind.ShouldBe(ConfigurationKind.Managed);
        line.Value.Length.ShouldBe(1000);
        area.Kind.ShouldBe(ConfigurationKind.Managed);
        area.Value.Length.ShouldBe(20_000);
    }

    [Theory]
    [InlineData("oauth.callback.url", ConfigurationGroup.Authorization, true)]
    [InlineData("infusionsoft.server", ConfigurationGroup.Authorization, true)]
    [InlineData("oauth.user.refresh_time", ConfigurationGroup.Authorization, false)]
    [InlineData("event.notification.enabled", ConfigurationGroup.Events, false)]
    [InlineData("filter.response.nulls", ConfigurationGroup.General, false)]
    public async Task ListAsync_Entry_SaysWhetherItNeedsANewConsent(string key, ConfigurationGroup group, bool needs)
    {
        await using var portal = await TestPortal.StartAsync();
        var item = await ListOneAsync(portal, await portal.SeedInstanceAsync(), Entry(key, "x"));

        item.Group.ShouldBe(group);
        item.NeedsReauthentication.ShouldBe(needs);
    }

    [Fact]
    public async Task ListAsync_PlatformRefuses_SaysWhy()
    {
        await using var portal = await TestPortal.StartAsync();
        portal.Platform.OnGetConfiguration = _ => FakePlatform.Refuse<IReadOnlyList<InstanceConfigurationEntry>>(403, "Not yours");

        var result = await Service(portal).ListAsync(await portal.SeedInstanceAsync(), Token);

        result.Problems.ShouldHaveSingleItem().Message.ShouldContain("“Not yours”");
    }

    [Fact]
    public async Task SaveAsync_Text_IsSentOnceAndNotedWithBeforeAndAfter()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var item = await ListOneAsync(portal, id, Entry("pagination.max", "100"));

        var saved = (await Service(portal).SaveAsync(id, item, " 200 ", Ada, Token)).Value;

        portal.Platform.Set.ShouldBe([(PlatformId, 1, "200")]);
        saved.Value.ShouldBe("200");
        saved.Key.ShouldBe("pagination.max");
        var line = (await portal.ReadActivityAsync()).ShouldHaveSingleItem();
        line.Action.ShouldBe(ActivityAction.ConfigurationChanged);
        line.Succeeded.ShouldBeTrue();
        line.Detail.ShouldBe("pagination.max");
        FieldChanges.Read(line.Changes).ShouldBe([new FieldChange("pagination.max", "100", "200")]);
    }

    [Fact]
    public async Task SaveAsync_Secret_IsSentAndNeitherNotedNorGivenBack()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var item = await ListOneAsync(portal, id, Entry(ElementCatalog.EncryptedKeyKey, "********", "PASSWORD"));

        var saved = (await Service(portal).SaveAsync(id, item, "a-new-secret", Ada, Token)).Value;

        portal.Platform.Set.ShouldHaveSingleItem().Value.ShouldBe("a-new-secret");
        saved.Value.ShouldBeEmpty();
        saved.HasValue.ShouldBeTrue();
        var line = (await portal.ReadActivityAsync()).ShouldHaveSingleItem();
        line.Detail.ShouldBe(ElementCatalog.EncryptedKeyKey);
        FieldChanges.Read(line.Changes).ShouldBe([new FieldChange(ElementCatalog.EncryptedKeyKey, null, null, IsSecret: true)]);
        (await portal.ReadInstanceAsync(id)).HasLegacyKey.ShouldBeTrue();
    }

    [Theory]
    [InlineData("some.key", "PASSWORD", "", "stays as it is")]
    [InlineData("some.key", "PASSWORD", "  ", "stays as it is")]
    [InlineData("some.key", "PASSWORD", "********", "Stars are what the platform shows")]
    [InlineData("some.text", "TEXTFIELD_32", "********", "Stars are what the platform shows")]
    [InlineData("some.key", "PASSWORD", "••••••••", "Stars are what the platform shows")]
    [InlineData("some.text", "TEXTFIELD_32", "123456789012345678901234567890123", "at most 32")]
    [InlineData("some.text", "TEXTFIELD_32", "a\nb", "line breaks")]
    [InlineData("some.area", "TEXTAREA", "a\u0001b", "control characters")]
    [InlineData("event.poller.configuration", "CODE_EDITOR", "{", "not JSON")]
    [InlineData("event.poller.configuration", "TEXTAREA", """{"contacts":{}}""", "has no url")]
    [InlineData("event.notification.callback.url", "TEXTFIELD_1000", "ftp://x", "https")]
    [InlineData("event.poller.refresh_interval", "TEXTFIELD_32", "0", "1 to 1440")]
    [InlineData("infusionsoft.server", "TEXTFIELD_128", "example.com", "infusionsoft.com")]
    [InlineData("oauth.user.refresh_interval", "TEXTFIELD_32", "1", "by itself")]
    public async Task SaveAsync_WrongValue_SaysWhyAndSendsNothing(string key, string type, string value, string expected)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var item = await ListOneAsync(portal, id, Entry(key, "x", type));

        var problem = (await Service(portal).SaveAsync(id, item, value, Ada, Token)).Problems.ShouldHaveSingleItem();

        problem.Message.ShouldContain(expected);
        problem.Field.ShouldBe(InstanceConfigurationService.ValueField);
        portal.Platform.Set.ShouldBeEmpty();
        (await portal.ReadActivityAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task SaveAsync_RequiredEmptied_SaysWhichOneIsMissing()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var item = await ListOneAsync(portal, id, Entry("oauth.callback.url", "x") with { Required = true });

        (await Service(portal).SaveAsync(id, item, " ", Ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("Name of oauth.callback.url");
        portal.Platform.Set.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("true", "false", "false")]
    [InlineData("false", "true", "true")]
    [InlineData("No", "true", "Yes")]
    [InlineData("Yes", "false", "No")]
    [InlineData(null, "true", "true")]
    public async Task SaveAsync_Boolean_KeepsTheWordsOfTheEntry(string? before, string value, string sent)
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var item = await ListOneAsync(portal, id, Entry("some.flag", before, "BOOLEAN"));

        (await Service(portal).SaveAsync(id, item, value, Ada, Token)).Succeeded.ShouldBeTrue();

        portal.Platform.Set.ShouldHaveSingleItem().Value.ShouldBe(sent);
    }

    [Fact]
    public async Task SaveAsync_Server_IsSentAndKeptInItsOneForm()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync(elementKey: ElementKey.Crm);
        var item = await ListOneAsync(portal, id, Entry(ElementCatalog.ServerKey, "dt123.infusionsoft.com"));

        _ = await Service(portal).SaveAsync(id, item, "https://FM260.infusionsoft.com/", Ada, Token);

        portal.Platform.Set.ShouldHaveSingleItem().Value.ShouldBe("fm260.infusionsoft.com");
        (await portal.ReadInstanceAsync(id)).AccountServer.ShouldBe("fm260.infusionsoft.com");
    }

    [Fact]
    public async Task SaveAsync_PlatformRefuses_SaysWhyAndNotesIt()
    {
        await using var portal = await TestPortal.StartAsync();
        var id = await portal.SeedInstanceAsync();
        var item = await ListOneAsync(portal, id, Entry("pagination.max", "100"));
        portal.Platform.OnSetConfiguration = (_, _, _) => FakePlatform.Refuse<InstanceConfigurationEntry>(400, "Too many");

        (await Service(portal).SaveAsync(id, item, "9999", Ada, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("“Too many”");

        var line = (await portal.ReadActivityAsync()).ShouldHaveSingleItem();
        line.Succeeded.ShouldBeFalse();
        line.Detail.ShouldNotBeNull().ShouldStartWith("pagination.max: ");
        line.Detail.ShouldNotContain("9999");
    }

    private static InstanceConfigurationEntry Entry(string key, string? value, string? type = "TEXTFIELD_1000") => new(1, key, $"Name of {key}", value, type, false, false, null);

    private static InstanceConfigurationService Service(TestPortal portal) => portal.Get<InstanceConfigurationService>();

    private static async Task<ConfigurationItem> ListOneAsync(TestPortal portal, Guid id, InstanceConfigurationEntry entry)
    {
        portal.Platform.OnGetConfiguration = _ => new PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>.Success([entry], null);
        return (await Service(portal).ListAsync(id, Token)).Value.ShouldHaveSingleItem();
    }
}
