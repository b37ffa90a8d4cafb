using AdminPortal.Domain.Secrets;
using AdminPortal.Features.Accounts;
using AdminPortal.Provisioning.Accounts;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Components.Tests.Features.Accounts;

public sealed class AccountMovePageTests : PortalTest
{
    private const string NewHost = "https://api.cloud-elements.com";

    [Fact]
    public async Task AccountMove_Page_ListsWhatMovesBeforeAnythingIsDone()
    {
        var account = await AddAccountAsync();
        _ = await AddInstanceAsync("First instance");

        var page = Render<AccountMovePage>(parameters => parameters.Add(one => one.Id, account));

        page.Words().ShouldContain("Instances, with their tokens: 1 First instance");
        page.Words().ShouldContain("Attempts, with the keys entered in them: 0");
        page.Words().ShouldContain("Tokens in stored lists of the last syncs: 0");
        page.Words().ShouldContain("Provider apps that may be used with the new host from then on: 0");
        page.Words().ShouldContain("No provider app stays allowed for the present host");
    }

    [Fact]
    public async Task AccountMove_EnteredAndConfirmed_MovesTheAccount()
    {
        await ConfirmAdaAsync();
        var account = await AddAccountAsync();
        var instance = await AddInstanceAsync("First instance");
        var page = Render<AccountMovePage>(parameters => parameters.Add(one => one.Id, account));

        page.Enter("New base URL", NewHost);
        page.Enter("Organization secret", "new-org");
        page.Enter("User secret", "new-user");
        page.Press("Move");

        page.WaitForAssertion(() => Address.ShouldBe("/accounts"));
        (await Get<AccountService>().FindAsync(account, Token)).ShouldNotBeNull().BaseUrl.ShouldBe(NewHost);
        await using var db = OpenDatabase();
        var row = await db.Instances.SingleAsync(row => row.Id == instance, Token);
        _ = Get<ISecretBox>().Open(new Secret(SecretKind.InstanceToken, row.Id, row.Token), SecretOrigin.Of(NewHost));
    }

    [Fact]
    public async Task AccountMove_WithoutTheSecrets_NamesThem()
    {
        await ConfirmAdaAsync();
        var account = await AddAccountAsync();
        var page = Render<AccountMovePage>(parameters => parameters.Add(one => one.Id, account));

        page.Enter("New base URL", NewHost);
        page.Press("Move");

        page.Description("Organization secret").ShouldContain("Enter the organization secret for it.");
        page.Description("User secret").ShouldContain("Enter the user secret for it.");
        (await Get<AccountService>().FindAsync(account, Token)).ShouldNotBeNull().BaseUrl.ShouldNotBe(NewHost);
    }

    [Fact]
    public void AccountMove_AccountIsGone_SaysSo()
    {
        var page = Render<AccountMovePage>(parameters => parameters.Add(one => one.Id, Guid.NewGuid()));

        page.Target("To the platform accounts").ShouldBe("/accounts");
    }
}
