using AdminPortal.Domain.Elements;
using AdminPortal.Features.Attempts;
using AdminPortal.Provisioning.Providers;

namespace AdminPortal.Components.Tests.Features.Attempts;

public sealed class ProviderStepTests : PortalTest
{
    [Fact]
    public async Task ProviderStep_CallbackUrl_IsShownExactlyAsItIsSent()
    {
        var step = await RenderStepAsync();

        step.Field("Callback URL").GetAttribute("value").ShouldBe(CallbackUrl);
        step.Description("Callback URL").ShouldContain("Register exactly this");
    }

    [Fact]
    public async Task ProviderStep_NewApp_IsStoredAndChosen()
    {
        var step = await RenderStepAsync();
        step.Button("Continue").GetAttribute("title").ShouldBe("The client ID is missing.");

        step.Enter("Client ID", " my-client\r\n-id ");
        step.Button("Continue").GetAttribute("title").ShouldBe("The client secret is missing.");
        step.Enter("Client secret", ClientSecret);
        step.Enter("Name for this app", "Acme at Keap");
        step.Markup.ShouldNotContain(ClientSecret);
        step.Press("Continue");

        var app = (await AppsAsync()).ShouldHaveSingleItem();
        app.Name.ShouldBe("Acme at Keap");
        app.ClientId.ShouldBe("my-client-id");
        var attempt = await ReadAttemptAsync((await ListAttemptsAsync())[0]);
        attempt.ProviderAppId.ShouldBe(app.Id);
        Address.ShouldBe($"/connect/{attempt.Id}/account");
    }

    [Fact]
    public async Task ProviderStep_ElementWithoutAccountDetails_GoesOnToTheOptions()
    {
        await AddAppAsync();
        var step = await RenderStepAsync(ElementKey.Rest);

        step.Press("Continue");

        Address.ShouldEndWith("/options");
    }

    [Fact]
    public async Task ProviderStep_NoName_GetsAFreeOneMadeOfTheClientId()
    {
        await AddAppAsync("Keap app abcdefgh…", "abcdefghij");
        await AddAppAsync("Keap app abcdefgh… (2)", "abcdefghij");
        var step = await RenderStepAsync();
        step.Find("#app-new").Change("on");

        step.Enter("Client ID", "abcdefghijkl");
        step.Enter("Client secret", ClientSecret);
        step.Press("Continue");

        (await AppsAsync()).Select(app => app.Name).ShouldContain("Keap app abcdefgh… (3)");
    }

    [Fact]
    public async Task ProviderStep_ShortClientId_IsNotCutInTheName()
    {
        var step = await RenderStepAsync();

        step.Enter("Client ID", "short");
        step.Enter("Client secret", ClientSecret);
        step.Press("Continue");

        (await AppsAsync()).ShouldHaveSingleItem().Name.ShouldBe("Keap app short");
    }

    [Fact]
    public async Task ProviderStep_NothingEntered_NamesBothFields()
    {
        var step = await RenderStepAsync();

        step.Press("Continue");

        step.Description("Client ID").ShouldContain("Enter the client ID.");
        step.Description("Client secret").ShouldContain("Enter the client secret.");
        Calls("portal.focusInvalid").ShouldBe(1);
        (await AppsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task ProviderStep_NameTaken_SaysSoBesideTheName()
    {
        await AddAppAsync("Acme");
        var step = await RenderStepAsync();
        step.Find("#app-new").Change("on");

        step.Enter("Client ID", "another");
        step.Enter("Client secret", ClientSecret);
        step.Enter("Name for this app", "Acme");
        step.Press("Continue");

        step.Description("Name for this app").ShouldContain("There is already a provider app called Acme.");
        (await AppsAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ProviderStep_OneStoredApp_IsChosenAlready()
    {
        var app = await AddAppAsync();
        var step = await RenderStepAsync();
        step.HasField("Client secret").ShouldBeFalse();

        step.Press("Continue");

        (await ReadAttemptAsync((await ListAttemptsAsync())[0])).ProviderAppId.ShouldBe(app);
    }

    [Fact]
    public async Task ProviderStep_SeveralStoredApps_TakesTheOneThatIsChosen()
    {
        await AddAppAsync("First", "client-1");
        var second = await AddAppAsync("Second", "client-2");
        var step = await RenderStepAsync();
        step.HasField("Client secret").ShouldBeTrue();

        step.Find($"#app-{second}").Change("on");
        step.HasField("Client secret").ShouldBeFalse();
        step.Press("Continue");

        (await ReadAttemptAsync((await ListAttemptsAsync())[0])).ProviderAppName.ShouldBe("Second");
    }

    [Fact]
    public async Task ProviderStep_Back_KeepsTheChoice()
    {
        var app = await AddAppAsync();
        var step = await RenderStepAsync();

        step.Press("Back");

        var attempt = await ReadAttemptAsync((await ListAttemptsAsync())[0]);
        attempt.ProviderAppId.ShouldBe(app);
        Address.ShouldBe($"/connect/{attempt.Id}/element");
    }

    [Fact]
    public async Task ProviderStep_SecretLeftFromBefore_HasToBeTypedAgain()
    {
        // The field starts empty, so what a page still holds must not be sent unseen.
        var step = await RenderStepAsync(newApp: new ProviderAppInput { ClientId = "typed-before", ClientSecret = ClientSecret });

        step.Field("Client ID").GetAttribute("value").ShouldBe("typed-before");
        step.Press("Continue");

        step.Description("Client secret").ShouldContain("Enter the client secret.");
    }

    [Theory]
    [InlineData(ElementKey.Crm, true)]
    [InlineData(ElementKey.Rest, false)]
    public async Task ProviderStep_Guide_SpeaksOfTheLegacyKeyOnlyWhereTheElementNeedsIt(string key, bool expected)
    {
        var step = await RenderStepAsync(key);

        step.Words().ShouldContain("Register Callback URL");
        step.Words().Contains("Server and encrypted key", StringComparison.Ordinal).ShouldBe(expected);
    }

    private Task<IReadOnlyList<ProviderAppSummary>> AppsAsync() => Get<ProviderAppService>().ListAsync(Token);

    private async Task<IRenderedComponent<ProviderStep>> RenderStepAsync(string element = ElementKey.Crm, ProviderAppInput? newApp = null)
    {
        var attempt = await ReadAttemptAsync(await BeginAsync(element));
        return Render<ProviderStep>(step => step.Add(s => s.Attempt, attempt).Add(s => s.NewApp, newApp ?? new ProviderAppInput()));
    }
}
