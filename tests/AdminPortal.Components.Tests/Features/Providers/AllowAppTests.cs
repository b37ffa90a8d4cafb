using AdminPortal.Domain.Access;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Settings;
using AdminPortal.Features.Attempts;
using AdminPortal.Features.Providers;
using AdminPortal.Features.Reveals;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Features.Providers;

/// <summary>Provider apps and the platforms that they may be used with.</summary>
public sealed class AllowAppTests : PortalTest
{
    private const string Europe = "https://eu.example.com";

    [Fact]
    public async Task ProviderStep_AppIsNotAllowedYet_AnAdministratorAllowsItThere()
    {
        await ConfirmAdaAsync();
        var app = await AddAppAsync("Acme");
        var step = await RenderStepAsync(await AddAccountAsync("Europe", Europe));
        step.Words().ShouldContain($"The client secret of Acme may not be sent to {Europe} yet.");

        step.Press($"Allow {Europe}");

        step.WaitForAssertion(() => step.Words().ShouldNotContain("may not be sent"));
        (await OriginsAsync(app)).ShouldContain("https://eu.example.com:443");
    }

    [Fact]
    public async Task ProviderStep_AppIsNotAllowedYet_AnOperatorIsToldWhoAllowsIt()
    {
        _ = await AddAppAsync("Acme");
        var account = await AddAccountAsync("Europe", Europe);
        SignInAs(Role.Operator);

        var step = await RenderStepAsync(account);

        step.Words().ShouldContain("An administrator has to allow it");
        step.Words().ShouldNotContain($"Allow {Europe}");
    }

    [Fact]
    public async Task ProviderAppEdit_New_IsAllowedForWhatIsTicked()
    {
        _ = await AddAccountAsync();
        _ = await AddAccountAsync("Europe", Europe);
        var form = Render<ProviderAppEdit>();
        form.Enter("Name", "Acme");
        form.Enter("Client ID", "client-77");
        form.Enter("Client secret", ClientSecret);

        form.Find("input[type=checkbox]").Change(false);
        form.Press("Save");

        (await Get<ProviderAppService>().ListAsync(Token)).ShouldHaveSingleItem().Origins.ShouldBe(["https://staging.cloud-elements.com:443"]);
    }

    [Fact]
    public async Task AppOrigins_Removed_IsNotAllowedAnyMore()
    {
        var app = await AddAppAsync("Acme");
        var page = Render<AppOrigins>(parameters => parameters.Add(one => one.Id, app));

        page.Press("Do not allow https://staging.cloud-elements.com:443 any more");

        page.Words().ShouldContain("No platform yet.");
        (await OriginsAsync(app)).ShouldBeEmpty();
    }

    [Fact]
    public async Task AllowApp_SecondPersonIsConfigured_AsksAndTheListShowsAppAndHost()
    {
        Services.Configure<PortalOptions>(options => options.Reveal.NeedsSecondPerson = true);
        await ConfirmAdaAsync();
        var app = await AddAppAsync("Acme", "client-77");
        var account = await AddAccountRowAsync();
        var page = Render<AllowApp>(parameters => parameters.Add(one => one.AppId, app).Add(one => one.AccountId, account).Add(one => one.BaseUrl, Europe));
        page.Press($"Allow {Europe}");
        page.Words().ShouldContain("A second person has to approve this first.");

        page.Find("textarea").Change("The European tenant is new");
        page.Press("Ask for approval");

        page.Words().ShouldContain("Approval requested.");
        (await OriginsAsync(app)).ShouldBe(["https://staging.cloud-elements.com:443"]);
        var list = Render<RevealsPage>();
        list.Words().ShouldContain("Acme (client-77) Send the client secret to this platform https://eu.example.com:443");
    }

    // The account is there already: adding one would need an approval of its own.
    private async Task<Guid> AddAccountRowAsync()
    {
        var id = await Get<Provisioning.Accounts.AccountService>().SaveAsync(
            new Provisioning.Accounts.AccountInput { Name = "Europe", BaseUrl = Europe, OrganizationSecret = "o", UserSecret = "u" }, Actor.Portal, Token);
        return id.Value;
    }

    private async Task<IReadOnlyList<string>> OriginsAsync(Guid app) => (await Get<ProviderAppService>().ListAsync(Token)).Single(row => row.Id == app).Origins;

    private async Task<IRenderedComponent<ProviderStep>> RenderStepAsync(Guid account)
    {
        var draft = await Get<DraftService>().StartAsync(
            new ElementChoice { ElementKey = ElementKey.Rest, PlatformAccountId = account }, Actor.Portal, Token);
        var attempt = await ReadAttemptAsync(draft.Value);
        return Render<ProviderStep>(step => step.Add(s => s.Attempt, attempt).Add(s => s.NewApp, new ProviderAppInput()));
    }
}
