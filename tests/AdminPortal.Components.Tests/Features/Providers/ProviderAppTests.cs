using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Settings;
using AdminPortal.Features.Providers;
using AdminPortal.Provisioning.Providers;
using Microsoft.Extensions.DependencyInjection;
using Radzen.Blazor;

namespace AdminPortal.Components.Tests.Features.Providers;

public sealed class ProviderAppTests : PortalTest
{
    [Fact]
    public void ProviderApps_Page_ShowsCallbackUrlGuideAndWhatEachElementNeeds()
    {
        var page = Render<ProviderApps>();

        page.Field("Callback URL").GetAttribute("value").ShouldBe(CallbackUrl);
        page.Words().ShouldContain("Click “Register Application”.");
        page.Words().ShouldContain("None yet.");
        var rows = page.FindAll("tbody tr").Select(row => row.Words()).ToList();
        rows.Count.ShouldBe(5);
        rows[0].ShouldStartWith("Infusionsoft REST");
        rows[0].ShouldEndWith("Recommended infusionsoftrest Needed Not needed Not needed By polling: appointments, contacts, files, opportunities, orders, tasks, transactions");
        rows[1].ShouldBe($"Infusionsoft CRM {ElementKey.Crm} Needed Needed Needed None");
        page.Words().ShouldNotContain("Keap wants https");
    }

    [Fact]
    public void ProviderApps_HttpOnThisMachine_SaysThatKeapWantsHttps()
    {
        Services.Configure<PortalOptions>(options => options.PublicBaseUrl = "http://127.0.0.1:5080");
        Services.AddSingleton<Microsoft.Extensions.Hosting.IHostEnvironment>(new TestEnvironment("Development"));

        var address = Render<CallbackAddress>();

        address.Words().ShouldContain("Keap wants https");
        address.Field("Callback URL").GetAttribute("value").ShouldBe("http://127.0.0.1:5080/oauth/callback");
    }

    [Fact]
    public async Task ProviderApps_Stored_AreListedWithoutTheirSecret()
    {
        var id = await AddAppAsync("Acme", "client-77");

        var page = Render<ProviderApps>();

        page.Words().ShouldContain("Acme Client ID client-77 Not used by an instance yet");
        page.Target("Edit Acme").ShouldBe($"/provider-apps/{id}");
        page.Markup.ShouldNotContain(ClientSecret);
    }

    [Fact]
    public async Task ProviderApps_Remove_AsksFirst()
    {
        await ConfirmAdaAsync();
        await AddAppAsync("Acme");
        var dialogs = Render<RadzenDialog>();
        var page = Render<ProviderApps>();
        page.Press("Remove Acme");
        dialogs.WaitForAssertion(() => dialogs.Words().ShouldContain("The application at Keap stays"));

        dialogs.Press("Remove");

        page.WaitForAssertion(() => page.Role("status").ShouldContain("The provider app Acme is removed."));
        page.Words().ShouldContain("None yet.");
        (await AppsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task ProviderApps_RemoveWhatADraftNeeds_SaysWhatStandsInTheWay()
    {
        await ConfirmAdaAsync();
        await AddDraftAsync();
        var dialogs = Render<RadzenDialog>();
        var page = Render<ProviderApps>();
        page.Press("Remove Keap app");
        dialogs.WaitForAssertion(() => dialogs.Buttons("Remove").Count.ShouldBe(1));

        dialogs.Press("Remove");

        dialogs.WaitForAssertion(() => dialogs.Role("alert").ShouldHaveSingleItem().ShouldContain("Attempts that still need this provider app: 1."));
        (await AppsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ProviderAppEdit_New_IsSaved()
    {
        var form = RenderForm();

        form.Enter("Name", "Acme");
        form.Enter("Client ID", " client-77 ");
        form.Enter("Client secret", ClientSecret);
        form.Markup.ShouldNotContain(ClientSecret);
        form.Press("Save");

        (await AppsAsync()).ShouldHaveSingleItem().ClientId.ShouldBe("client-77");
        Address.ShouldBe("/provider-apps");
        Render<ProviderApps>().Role("status").ShouldContain("The provider app Acme is saved.");
    }

    [Fact]
    public async Task ProviderAppEdit_NothingEntered_NamesEveryField()
    {
        var form = RenderForm();

        form.Press("Save");

        form.Description("Name").ShouldContain("Enter the name.");
        form.Description("Client ID").ShouldContain("Enter the client ID.");
        form.Description("Client secret").ShouldContain("Enter the client secret.");
        form.WaitForAssertion(() => Calls("portal.focusInvalid").ShouldBe(1));
        (await AppsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task ProviderAppEdit_Stored_NeedsNoNewSecret()
    {
        var form = RenderForm(await AddAppAsync("Acme"));
        form.Heading().ShouldBe("Edit the provider app");
        form.Words().ShouldContain("Stored and never shown again");
        form.Markup.ShouldNotContain(ClientSecret);

        form.Enter("Name", "Renamed");
        form.Press("Save");

        (await AppsAsync()).ShouldHaveSingleItem().Name.ShouldBe("Renamed");
    }

    [Fact]
    public async Task ProviderAppEdit_NameTaken_SaysSoBesideTheName()
    {
        await AddAppAsync("Acme");
        var form = RenderForm(await AddAppAsync("Other"));

        form.Enter("Name", "Acme");
        form.Press("Save");

        form.Description("Name").ShouldContain("There is already a provider app called Acme.");
        Navigation.History.ShouldBeEmpty();
    }

    [Fact]
    public void ProviderAppEdit_UnknownId_SaysThatItIsGone() => RenderForm(Guid.NewGuid()).Words().ShouldContain("This provider app is not there any more.");

    private Task<IReadOnlyList<ProviderAppSummary>> AppsAsync() => Get<ProviderAppService>().ListAsync(Token);

    private IRenderedComponent<ProviderAppEdit> RenderForm(Guid? id = null) => Render<ProviderAppEdit>(form => form.Add(f => f.Id, id));
}
