using AdminPortal.Features.Accounts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;

namespace AdminPortal.Components.Tests.Features.Accounts;

public sealed class AccountEditTests : PortalTest
{
    private const string OrganizationSecret = "typed-org-secret";
    private const string UserSecret = "typed-user-secret";

    [Fact]
    public async Task AccountEdit_Preset_FillsInAddressAndName()
    {
        await ConfirmAdaAsync();
        var form = RenderForm();

        form.Enter("Host", "Cloud Elements, production");
        form.Field("Base URL").GetAttribute("value").ShouldBe("https://api.cloud-elements.com");
        form.Enter("Organization secret", $" {OrganizationSecret}\n");
        form.Enter("User secret", UserSecret);
        form.Markup.ShouldNotContain(OrganizationSecret);
        form.Press("Save");

        var account = (await AccountsAsync()).ShouldHaveSingleItem();
        account.Name.ShouldBe("Cloud Elements, production");
        account.BaseUrl.ShouldBe("https://api.cloud-elements.com");
        account.SignInHosts.ShouldBe(AccountInput.DefaultSignInHosts);
        Address.ShouldBe("/accounts");
        LastNavigation.Options.HistoryEntryState.ShouldBe("Cloud Elements, production");
    }

    [Fact]
    public void AccountEdit_RegionalPreset_AsksForTheRegion()
    {
        var form = RenderForm();
        form.HasField("Region").ShouldBeFalse();

        form.Enter("Host", "SAP Open Connectors, production");
        form.Description("Region").ShouldContain("Enter the region, for example eu10.");
        form.Enter("Region", "not a region!");
        form.Description("Region").ShouldContain("A region has lower-case letters and digits only");
        form.Enter("Region", " EU10 ");

        form.Field("Base URL").GetAttribute("value").ShouldBe("https://api.openconnectors.eu10.ext.hana.ondemand.com");
        form.Field("Region").HasAttribute("aria-invalid").ShouldBeFalse();
    }

    [Theory]
    [InlineData("https://api.openconnectors.trial.us10.ext.hana.ondemand.com", "SAP Open Connectors, trial")]
    [InlineData("https://staging.cloud-elements.com/", "Cloud Elements, staging")]
    [InlineData("https://elsewhere.example.com", "other")]
    public void AccountEdit_AddressTyped_IsRecognized(string address, string expected)
    {
        var form = RenderForm();

        form.Enter("Base URL", address);

        form.Field("Host").GetAttribute("value").ShouldBe(expected);
    }

    [Fact]
    public void AccountEdit_OwnName_IsNotOverwrittenByAPreset()
    {
        var form = RenderForm();
        form.Enter("Name", "Acme");

        form.Enter("Host", "Cloud Elements, staging");

        form.Field("Name").GetAttribute("value").ShouldBe("Acme");
    }

    [Fact]
    public async Task AccountEdit_NothingEntered_NamesEveryField()
    {
        var form = RenderForm();

        form.Press("Save");

        form.WaitForAssertion(() => Calls("portal.focusInvalid").ShouldBe(1));
        form.Description("Base URL").ShouldContain("Enter the base URL.");
        form.Description("Name").ShouldContain("Enter the name.");
        form.Description("Organization secret").ShouldContain("Enter the organization secret.");
        form.Description("User secret").ShouldContain("Enter the user secret.");
        (await AccountsAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://api.example.com", "Only https addresses are accepted.")]
    [InlineData("https://ada@api.example.com", "Leave out the user name")]
    [InlineData("https://api.example.com/other/path", "Enter the address without a path")]
    [InlineData("api.example.com", "That is not an address.")]
    public void AccountEdit_BadAddress_SaysWhyAtOnce(string address, string expected)
    {
        var form = RenderForm();

        form.Enter("Base URL", address);

        form.Description("Base URL").ShouldContain(expected);
    }

    [Fact]
    public async Task AccountEdit_Test_SaysInWordsWhatItCameToAndStoresNothing()
    {
        var form = RenderFilled();

        form.Press("Test connection");

        form.Role("status").ShouldContain("The connection works api.cloud-elements.com answered and accepted the credentials.");
        (await AccountsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public void AccountEdit_TestRefused_SaysThatTheHostAnswered()
    {
        Platform.OnConfiguration = () => FakePlatform.Refuse<IReadOnlyList<PlatformConfigurationEntry>>(401, "Invalid Organization or User secret");
        var form = RenderFilled();

        form.Press("Test connection");

        form.Role("status").ShouldContain(words => words.StartsWith("The host answered, but refused", StringComparison.Ordinal));
        form.Field("Base URL").GetAttribute("value").ShouldBe("https://api.cloud-elements.com");
    }

    [Fact]
    public async Task AccountEdit_SavedFromTheWizard_LeadsBackThere()
    {
        await ConfirmAdaAsync();
        GoTo("/accounts/new?returnTo=/connect");
        var form = RenderFilled();

        form.Press("Save");

        Address.ShouldBe("/connect");
    }

    [Theory]
    [InlineData("//evil.example.com")]
    [InlineData("https://evil.example.com")]
    [InlineData("/\\evil.example.com")]
    [InlineData("/sign-out")]
    public async Task AccountEdit_ReturnElsewhere_IsNotFollowed(string returnTo)
    {
        await ConfirmAdaAsync();
        GoTo("/accounts/new?returnTo=" + Uri.EscapeDataString(returnTo));
        var form = RenderFilled();
        form.Target("Cancel").ShouldBe("/accounts");

        form.Press("Save");

        Address.ShouldBe("/accounts");
    }

    [Fact]
    public async Task AccountEdit_Stored_KeepsTheSecretsThatAreLeftEmpty()
    {
        var id = await AddAccountAsync();
        var form = RenderForm(id);
        form.Heading().ShouldBe("Edit the platform account");
        form.Field("Host").GetAttribute("value").ShouldBe("Cloud Elements, staging");
        form.Markup.ShouldNotContain("org-secret-value");

        form.Enter("Name", "Renamed");
        form.Press("Save");

        (await AccountsAsync()).ShouldHaveSingleItem().Name.ShouldBe("Renamed");
    }

    [Fact]
    public async Task AccountEdit_NameTaken_SaysSoBesideTheName()
    {
        await ConfirmAdaAsync();
        await AddAccountAsync("Cloud Elements, production", "https://other.example.com");
        var form = RenderFilled();

        form.Press("Save");

        form.WaitForAssertion(() => Calls("portal.focusInvalid").ShouldBe(1));
        form.Description("Name").ShouldContain("There is already a platform account called Cloud Elements, production.");
        Navigation.History.ShouldBeEmpty();
    }

    [Fact]
    public void AccountEdit_BadSignInHosts_OpensThePartThatHoldsThem()
    {
        var form = RenderFilled();
        form.Find("details").HasAttribute("open").ShouldBeFalse();

        form.Enter("Sign-in hosts", "https://accounts.infusionsoft.com/path");
        form.Press("Save");

        form.WaitForAssertion(() => form.Find("details").HasAttribute("open").ShouldBeTrue());
        form.Description("Sign-in hosts").ShouldContain("bare host names");
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("60", null, 60)]
    [InlineData("other", "90", 90)]
    public async Task AccountEdit_Checks_AreStoredAndShownAgain(string choice, string? minutes, int? expected)
    {
        var id = await AddAccountAsync();
        var page = Render<AccountEdit>(p => p.Add(c => c.Id, id));
        page.Field("Check instances in the background").GetAttribute("value").ShouldBe("");

        page.Enter("Check instances in the background", choice);
        if (minutes is not null) page.Enter("Minutes between two checks", minutes);
        page.Press("Save");

        (await Get<AccountService>().FindAsync(id, Token))!.CheckEveryMinutes.ShouldBe(expected);
        var again = Render<AccountEdit>(p => p.Add(c => c.Id, id));
        again.Field("Check instances in the background").GetAttribute("value").ShouldBe(choice);
        if (minutes is not null) again.Field("Minutes between two checks").GetAttribute("value").ShouldBe(minutes);
    }

    [Fact]
    public async Task AccountEdit_ChecksTooOften_SaysSoBesideTheField()
    {
        var id = await AddAccountAsync();
        var page = Render<AccountEdit>(p => p.Add(c => c.Id, id));

        page.Enter("Check instances in the background", "other");
        page.Enter("Minutes between two checks", "1");
        page.Press("Save");

        page.Description("Minutes between two checks").ShouldBe("Enter 5 to 10,080 minutes.");
        (await Get<AccountService>().FindAsync(id, Token))!.CheckEveryMinutes.ShouldBeNull();
    }

    [Fact]
    public void AccountEdit_UnknownId_SaysThatItIsGone()
    {
        var form = RenderForm(Guid.NewGuid());

        form.Words().ShouldContain("This platform account is not there any more.");
        form.Target("To the platform accounts").ShouldBe("/accounts");
    }

    private Task<IReadOnlyList<AccountSummary>> AccountsAsync() => Get<AccountService>().ListAsync(Token);

    private IRenderedComponent<AccountEdit> RenderForm(Guid? id = null) => Render<AccountEdit>(form => form.Add(f => f.Id, id));

    private IRenderedComponent<AccountEdit> RenderFilled()
    {
        var form = RenderForm();
        form.Enter("Host", "Cloud Elements, production");
        form.Enter("Organization secret", OrganizationSecret);
        form.Enter("User secret", UserSecret);
        return form;
    }
}
