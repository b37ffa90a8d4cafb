using AdminPortal.Domain.Elements;
using AdminPortal.Features.Instances;
using AdminPortal.Platform;

namespace AdminPortal.Components.Tests.Features.Instances;

public sealed class ConfigurationPageTests : PortalTest
{
    private static readonly InstanceConfigurationEntry Nulls = new(1, "filter.response.nulls", "Filter null values", "true", "BOOLEAN", false, false, "Leaves null values out.");
    private static readonly InstanceConfigurationEntry Key = new(2, "oauth.api.secret", "API Secret", "********", "PASSWORD", true, false, null);
    private static readonly InstanceConfigurationEntry Callback = new(3, "oauth.callback.url", "Callback URL", "https://portal.example.com/oauth/callback", "TEXTFIELD_1000", true, false, null);
    private static readonly InstanceConfigurationEntry Poller = new(4, "event.poller.configuration", "Configure polling", "{}", "TEXTAREA", false, false, null);
    private static readonly InstanceConfigurationEntry UserToken = new(5, "oauth.user.token", "OAuth user token", "clear-user-token", "PASSWORD", false, true, null);
    private static readonly InstanceConfigurationEntry Pages = new(6, "pagination.max", "Maximum page size", "100", "TEXTFIELD_32", false, true, null);

    [Fact]
    public async Task Configuration_Entries_AreShownByTheirTypeAndNoSecretIs()
    {
        var page = await RenderPageAsync(Nulls, Key, Callback, Poller, UserToken, Pages);

        page.FindAll("h2").Select(heading => heading.Words()).ShouldBe(["General", "Authorization", "Events"]);
        page.Field("Filter null values").GetAttribute("type").ShouldBe("checkbox");
        page.Field("Filter null values").HasAttribute("checked").ShouldBeTrue();
        page.Field("Callback URL").GetAttribute("maxlength").ShouldBe("1000");
        page.Field("Configure polling").LocalName.ShouldBe("textarea");
        page.Buttons("Replace API Secret").Count.ShouldBe(1);
        page.Words().ShouldContain("A change of these entries takes effect when the instance is authorized again.");
        page.HasField("Maximum page size").ShouldBeFalse();
        page.Markup.ShouldNotContain("clear-user-token");
        page.Markup.ShouldNotContain("value=\"********\"");
    }

    [Fact]
    public async Task Configuration_HiddenEntries_AreShownOnRequest()
    {
        var page = await RenderPageAsync(Nulls, UserToken, Pages);

        page.Tick("Show hidden entries (2)");

        page.Field("Maximum page size").GetAttribute("value").ShouldBe("100");
        page.FindAll("dd").ShouldHaveSingleItem().Words().ShouldStartWith("Stored, not shown");
        page.HasField("OAuth user token").ShouldBeFalse();
        page.Markup.ShouldNotContain("clear-user-token");
    }

    [Fact]
    public async Task Configuration_Saved_SaysSoAndShowsWhatThePlatformHas()
    {
        Platform.OnSetConfiguration = (_, entry, _) => new PlatformOutcome<InstanceConfigurationEntry>.Success(
            new InstanceConfigurationEntry(entry, "pagination.max", null, "150", null, false, false, null), null);
        var page = await RenderPageAsync(Pages with { Hidden = false }, Nulls);

        page.Enter("Maximum page size", "9999");
        page.Press("Save Maximum page size");

        page.Role("status").ShouldBe(["Saved on the platform."]);
        Platform.Set.ShouldBe([(501, 6, "9999")]);
        page.Field("Maximum page size").GetAttribute("value").ShouldBe("150");
    }

    [Fact]
    public async Task Configuration_SecretReplaced_IsSentOnceAndLeavesTheField()
    {
        var page = await RenderPageAsync(Key);
        page.Press("Replace API Secret");
        page.Enter("API Secret", "a-new-secret");

        page.Press("Save API Secret");

        Platform.Set.ShouldBe([(501, 2, "a-new-secret")]);
        page.Role("status").ShouldHaveSingleItem().ShouldContain("It takes effect when the instance is authorized again.");
        page.Buttons("Replace API Secret").Count.ShouldBe(1);
        page.Markup.ShouldNotContain("a-new-secret");

        // What was typed is not sent a second time.
        page.Press("Save API Secret");
        Platform.Set.Count.ShouldBe(1);
        page.Find(".field-error").Words().ShouldContain("the stored value stays as it is");
    }

    [Fact]
    public async Task Configuration_MaskTyped_IsRefusedBesideTheField()
    {
        var page = await RenderPageAsync(Callback);

        page.Enter("Callback URL", "********");
        page.Press("Save Callback URL");

        page.Description("Callback URL").ShouldContain("Stars are what the platform shows in place of a secret");
        WaitForFocus("#entry-3");
        Platform.Set.ShouldBeEmpty();
    }

    [Fact]
    public async Task Configuration_Boolean_SavesTheOtherValue()
    {
        var page = await RenderPageAsync(Nulls);

        page.Tick("Filter null values", false);
        page.Press("Save Filter null values");

        Platform.Set.ShouldBe([(501, 1, "false")]);
        page.Field("Filter null values").HasAttribute("checked").ShouldBeFalse();
    }

    [Fact]
    public async Task Configuration_PlatformRefuses_QuotesItBesideThatEntryAlone()
    {
        Platform.OnSetConfiguration = (_, _, _) => FakePlatform.Refuse<InstanceConfigurationEntry>(400, "At most 200");
        var page = await RenderPageAsync(Pages with { Hidden = false }, Nulls);

        page.Enter("Maximum page size", "9999");
        page.Press("Save Maximum page size");

        var alert = page.Role("alert").ShouldHaveSingleItem();
        alert.ShouldContain("Maximum page size was not saved");
        alert.ShouldContain("“At most 200”");
        page.Field("Maximum page size").GetAttribute("value").ShouldBe("9999");
    }

    [Fact]
    public async Task Configuration_NotRead_SaysWhyAndTriesAgain()
    {
        Platform.OnGetConfiguration = _ => new PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>.Unreachable(UnsentReason.NotConnected);
        var id = await AddInstanceAsync();
        var page = Render<ConfigurationPage>(p => p.Add(c => c.Id, id));
        page.Role("alert").ShouldHaveSingleItem().ShouldContain("The configuration could not be read");

        Tell(Nulls);
        page.Press("Try again");

        page.HasField("Filter null values").ShouldBeTrue();
    }

    [Fact]
    public async Task Configuration_None_SaysSo() => (await RenderPageAsync()).Words().ShouldContain("The platform keeps no configuration for this instance.");

    [Fact]
    public async Task Configuration_HostileWords_AreText()
    {
        var page = await RenderPageAsync(new InstanceConfigurationEntry(9, "a.b", "<img src=x>", "\"><script>1</script>", "TEXTFIELD_1000", false, false, "<b>x</b>"));

        page.FindAll("img, script, b").ShouldBeEmpty();
        page.Field("<img src=x>").GetAttribute("value").ShouldBe("\"><script>1</script>");
    }

    private void Tell(params InstanceConfigurationEntry[] entries) =>
        Platform.OnGetConfiguration = _ => new PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>.Success(entries, null);

    private async Task<IRenderedComponent<ConfigurationPage>> RenderPageAsync(params InstanceConfigurationEntry[] entries)
    {
        Tell(entries);
        var id = await AddInstanceAsync(elementKey: ElementKey.Rest);
        return Render<ConfigurationPage>(page => page.Add(p => p.Id, id));
    }
}
