using Microsoft.Playwright;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>Walks a page through the wizard and the sandbox's sign-in, by the names that a person sees.</summary>
internal sealed class WizardDriver(IPage page)
{
    public const string ClientSecret = "planted-client-secret-0001";
    public const string EncryptedKey = "planted-encrypted-key-0001";

    public IPage Page => page;

    public ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Heading(string name) => page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true, Level = 1 });

    public Task WaitForHeadingAsync(string name) => Heading(name).WaitForAsync();

    /// <summary>Says what a token is needed for, and gives the password, in the dialog that asks for both.</summary>
    public async Task GiveReasonAsync(string button)
    {
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Reason").FillAsync("A walk through the portal");
        await dialog.GetByLabel("Password").FillAsync(Stage.Password);
        await dialog.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await dialog.WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    /// <summary>Opens the wizard; takes the offered sandbox where there is no platform account yet.</summary>
    public async Task OpenAsync()
    {
        await page.GotoAsync("/connect");
        await WaitForHeadingAsync("Choose the element");
        await page.GetByText("It will be created on").Or(Button("Use Test sandbox")).First.WaitForAsync();
        if (await Button("Use Test sandbox").CountAsync() > 0)
        {
            await Button("Use Test sandbox").ClickAsync();
            await page.GetByText("It will be created on").WaitForAsync();
        }
    }

    public async Task ChooseElementAsync(string name)
    {
        await page.GetByRole(AriaRole.Radio, new() { Name = name }).CheckAsync();
        await Button("Continue").ClickAsync();
        await WaitForHeadingAsync("API provider setup");
    }

    public async Task FillProviderAsync(string clientId)
    {
        await page.GetByLabel("Callback URL", new() { Exact = true }).WaitForAsync();
        if (await page.GetByLabel("Enter a new one").CountAsync() > 0) await page.GetByLabel("Enter a new one").CheckAsync();
        await page.GetByLabel("Client ID", new() { Exact = true }).FillAsync(clientId);
        await page.GetByLabel("Client secret", new() { Exact = true }).FillAsync(ClientSecret);
    }

    public async Task FillAccountAsync(string server = "dt123.infusionsoft.com")
    {
        await page.GetByLabel("Infusionsoft server").FillAsync(server);
        await page.GetByLabel("Infusionsoft encrypted key", new() { Exact = true }).FillAsync(EncryptedKey);
    }

    public async Task ContinueToAsync(string heading)
    {
        await Button("Continue").ClickAsync();
        await WaitForHeadingAsync(heading);
    }

    /// <summary>From an empty wizard to its last step.</summary>
    public async Task GoToReviewAsync(string element, string name, string clientId = "client-0001")
    {
        await OpenAsync();
        await ChooseElementAsync(element);
        await FillProviderAsync(clientId);
        await Button("Continue").ClickAsync();
        await Heading("The Infusionsoft account").Or(Heading("Name and options")).WaitForAsync();
        if (await Heading("The Infusionsoft account").CountAsync() > 0)
        {
            await FillAccountAsync();
            await ContinueToAsync("Name and options");
        }

        await page.GetByLabel("Instance name").FillAsync(name);
        await page.GetByLabel("Tags").FillAsync("berlin, docs");
        await ContinueToAsync("Review and authorize");
    }

    /// <summary>Leaves for the sandbox's sign-in and stops at the consent.</summary>
    public async Task GoToConsentAsync()
    {
        await Button("Authorize with Infusionsoft").ClickAsync();
        await SignInAtTheSandboxAsync();
    }

    /// <summary>Signs in at the sandbox and stops at the consent.</summary>
    public async Task SignInAtTheSandboxAsync()
    {
        await page.GetByLabel("User name").FillAsync("ada");
        await page.GetByLabel("Password").FillAsync("anything");
        await Button("Sign In").ClickAsync();
        await Button("Allow").WaitForAsync();
    }

    /// <summary>The whole main job.</summary>
    public async Task ConnectAsync(string element, string name)
    {
        await GoToReviewAsync(element, name);
        await GoToConsentAsync();
        await Button("Allow").ClickAsync();
        await WaitForHeadingAsync("Instance created");
        // What was created is looked at once more: a fault that a test sets afterwards is not for that.
        await page.GetByText("It answered: the platform reaches the account with it.").WaitForAsync();
    }
}
