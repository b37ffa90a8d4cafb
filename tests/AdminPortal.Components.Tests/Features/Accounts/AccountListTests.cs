using AdminPortal.Domain.Settings;
using AdminPortal.Features.Accounts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Accounts;

public sealed class AccountListTests : PortalTest
{
    [Fact]
    public void AccountList_NoAccount_SaysWhatOneIsAndWhereTheSecretsAre()
    {
        var list = Render<AccountList>();

        list.Words().ShouldContain("No platform account yet");
        list.Words().ShouldContain("Organization secret and user secret are shown there.");
        list.Target("Add a platform account").ShouldBe("/accounts/new");
    }

    [Fact]
    public async Task AccountList_Offer_BecomesAnAccountWithOneClick()
    {
        Services.Configure<PortalOptions>(options => options.OfferedAccounts.Add(new OfferedAccount
        {
            Name = "Built-in sandbox",
            Description = "For trying things out.",
            BaseUrl = "https://sandbox.example.com",
            OrganizationSecret = "offered-org-secret",
            UserSecret = "offered-user-secret",
        }));
        await ConfirmAdaAsync();
        var list = Render<AccountList>();
        list.Words().ShouldContain("For trying things out.");
        list.Markup.ShouldNotContain("offered-org-secret");

        list.Press("Use it: Built-in sandbox");

        list.Role("status").ShouldContain("The platform account Built-in sandbox is saved.");
        list.Words().ShouldNotContain("Ready to use");
        list.Buttons("Use it: Built-in sandbox").ShouldBeEmpty();
        WaitForFocus("h1");
        (await AccountsAsync()).ShouldHaveSingleItem().BaseUrl.ShouldBe("https://sandbox.example.com");
    }

    [Fact]
    public async Task AccountList_TestPassed_SaysSoInWords()
    {
        await AddAccountAsync();
        var list = Render<AccountList>();

        list.Press("Test connection of Staging");

        list.Role("status").ShouldContain("The connection works staging.cloud-elements.com answered and accepted the credentials.");
    }

    [Fact]
    public async Task AccountList_CredentialsRefused_SaysThatTheHostAnswered()
    {
        Platform.OnConfiguration = () => FakePlatform.Refuse<IReadOnlyList<PlatformConfigurationEntry>>(401, "Invalid Organization or User secret");
        await AddAccountAsync();
        var list = Render<AccountList>();

        list.Press("Test connection of Staging");

        var words = list.Role("status").ShouldHaveSingleItem();
        words.ShouldStartWith("The host answered, but refused");
        words.ShouldContain("it does not tell which");
    }

    [Theory]
    [InlineData(UnsentReason.NameNotFound, "The host name does not resolve.")]
    [InlineData(UnsentReason.Tls, "The secure connection could not be made.")]
    public async Task AccountList_NotReached_SaysThatTheHostDidNotAnswer(UnsentReason reason, string expected)
    {
        Platform.OnConfiguration = () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Unreachable(reason);
        await AddAccountAsync();
        var list = Render<AccountList>();

        list.Press("Test connection of Staging");

        list.Role("status").ShouldHaveSingleItem().ShouldStartWith($"The host did not answer {expected}");
    }

    [Fact]
    public async Task AccountList_NoUsableAnswer_SaysSo()
    {
        Platform.OnConfiguration = () => new PlatformOutcome<IReadOnlyList<PlatformConfigurationEntry>>.Unknown(UnclearReason.Unreadable);
        await AddAccountAsync();
        var list = Render<AccountList>();

        list.Press("Test connection of Staging");

        list.Role("status").ShouldHaveSingleItem().ShouldStartWith("There was no usable answer");
    }

    [Fact]
    public async Task AccountList_Remove_AsksFirst()
    {
        await ConfirmAdaAsync();
        await AddAccountAsync();
        var dialogs = Render<RadzenDialog>();
        var list = Render<AccountList>();
        list.Press("Remove Staging");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("The portal forgets the address and both secrets"));
        (await AccountsAsync()).ShouldHaveSingleItem();

        dialogs.Press("Remove");

        list.WaitForAssertion(() => list.Role("status").ShouldContain("The platform account Staging is removed."));
        (await AccountsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task AccountList_RemoveWhatIsInUse_SaysWhatStandsInTheWay()
    {
        await ConfirmAdaAsync();
        await AddInstanceAsync();
        var dialogs = Render<RadzenDialog>();
        var list = Render<AccountList>();
        list.Press("Remove Staging");
        dialogs.WaitForAssertion(() => dialogs.Buttons("Remove").Count.ShouldBe(1));

        dialogs.Press("Remove");

        dialogs.WaitForAssertion(() => dialogs.Role("alert").ShouldHaveSingleItem().ShouldContain("Instances that belong to this platform account: 1."));
        (await AccountsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task AccountList_ComesFromTheForm_SaysWhatWasSaved()
    {
        await AddAccountAsync();
        Navigation.NavigateTo("/accounts", new NavigationOptions { HistoryEntryState = "Staging" });

        Render<AccountList>().Role("status").ShouldContain("The platform account Staging is saved.");
    }

    private Task<IReadOnlyList<AccountSummary>> AccountsAsync() => Get<AccountService>().ListAsync(Token);
}
