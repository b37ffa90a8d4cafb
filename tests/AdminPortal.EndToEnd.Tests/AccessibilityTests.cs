using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>axe finds nothing on any page and step, in both themes.</summary>
[Collection(SecondStage.Name)]
public sealed class AccessibilityTests(Stage stage)
{
    [Fact]
    public async Task Wizard_EveryStepAndTheSuccess_HasNoViolation()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Infusionsoft CRM" }).CheckAsync();
        await Axe.CheckAsync(page, "element");
        await wizard.ChooseElementAsync("Infusionsoft CRM");
        await wizard.FillProviderAsync("client-axe");
        await Axe.CheckAsync(page, "provider");
        await wizard.ContinueToAsync("The Infusionsoft account");
        await wizard.Button("Continue").ClickAsync();
        await page.GetByText("Enter the host of the Infusionsoft account").WaitForAsync();
        await Axe.CheckAsync(page, "account with messages");
        await wizard.FillAccountAsync();
        await wizard.ContinueToAsync("Name and options");
        await Axe.CheckAsync(page, "options");
        await page.GetByLabel("Instance name").FillAsync("Axe wizard");
        await wizard.ContinueToAsync("Review and authorize");
        await page.GetByText("The platform asks for nothing more").WaitForAsync();
        await page.GetByText("The same with curl").ClickAsync();
        await Axe.CheckAsync(page, "review");
        await page.GetByRole(AriaRole.Link, new() { Name = "Platform accounts" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit" }).First.ClickAsync();
        await page.GetByLabel("Base URL").WaitForAsync();
        await Axe.CheckAsync(page, "account");
        await page.GoBackAsync();
        await page.GoBackAsync();
        await page.GetByText("The platform asks for nothing more").WaitForAsync();
        await wizard.GoToConsentAsync();
        await Axe.CheckAsync(page, "the sandbox's consent");
        await page.GetByText("zt119.infusionsoft.com").ClickAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Another Infusionsoft account answered");
        await wizard.Button("Create it all the same").ClickAsync();
        await Axe.CheckAsync(page, "another account answered");
        await wizard.Button("Create it all the same").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
        await page.GetByText("It answered: the platform reaches the account with it.").WaitForAsync();
        foreach (var payload in await page.Locator(".timeline summary").AllAsync()) await payload.ClickAsync();
        await Axe.CheckAsync(page, "created");
    }

    [Fact]
    [Trait(Suite.Name, Suite.All)]
    public async Task Wizard_EventsAndDenial_HasNoViolation()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();
        await wizard.ChooseElementAsync("Infusionsoft REST");
        await wizard.FillProviderAsync("client-axe-rest");
        await wizard.ContinueToAsync("Name and options");
        await page.GetByLabel("Instance name").FillAsync("Axe events");
        await page.GetByLabel("Receive events").CheckAsync();
        await page.GetByText("Poller configuration (JSON)").First.ClickAsync();
        await wizard.Button("Continue").ClickAsync();
        await page.GetByText("Choose at least one resource").WaitForAsync();
        await Axe.CheckAsync(page, "events with messages");
        await page.GetByLabel("Receive events").UncheckAsync();
        await wizard.ContinueToAsync("Review and authorize");
        await page.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["X-Forwarded-Host"] = "other.example.com" });
        await page.ReloadAsync();
        await wizard.Button("Authorize with Infusionsoft").ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Leave all the same?" }).WaitForAsync();
        await Axe.CheckAsync(page, "review that asks");
        await wizard.Button("Leave all the same").ClickAsync();
        await wizard.SignInAtTheSandboxAsync();
        await wizard.Button("Deny").ClickAsync();
        await wizard.WaitForHeadingAsync("Access was not granted");
        await Axe.CheckAsync(page, "denied");
    }

    [Fact]
    [Trait(Suite.Name, Suite.All)]
    public async Task Instance_DetailAndItsDialogs_HaveNoViolation()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "Axe detail");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await wizard.WaitForHeadingAsync("Axe detail");
        await wizard.Button("Validate").ClickAsync();
        await page.GetByText("Last 2 checks").First.WaitForAsync();
        await page.GetByText("All kept checks").ClickAsync();
        await Axe.CheckAsync(page, "detail");
        await page.Locator(".tabs").GetByText("Configuration").ClickAsync();
        await page.GetByLabel("Show hidden entries").CheckAsync();
        await wizard.Button("Save API Secret").ClickAsync();
        await page.GetByText("the stored value stays as it is").WaitForAsync();
        await Axe.CheckAsync(page, "configuration");
        await page.Locator(".tabs").GetByText("Events").ClickAsync();
        await page.GetByLabel("Receive events").CheckAsync();
        await wizard.Button("Save").ClickAsync();
        await page.GetByText("Choose at least one resource").WaitForAsync();
        await Axe.CheckAsync(page, "events");
        await page.Locator(".tabs").GetByText("Overview").ClickAsync();
        await page.GetByText("Last 2 checks").First.WaitForAsync();
        await wizard.Button("Delete").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Instance name").WaitForAsync();
        await Axe.CheckAsync(page, "delete dialog");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await wizard.Button("Disable").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).WaitForAsync();
        await Axe.CheckAsync(page, "disable dialog");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await wizard.Button("Enable").WaitForAsync();
        await Axe.CheckAsync(page, "disabled");

        await page.GetByRole(AriaRole.Link, new() { Name = "Activity", Exact = true }).Last.ClickAsync();
        await page.GetByRole(AriaRole.Cell).First.WaitForAsync();
        await Axe.CheckAsync(page, "the instance's activity");
        await page.GotoAsync("/instances?search=Axe%20detail");
        await page.GetByRole(AriaRole.Link, new() { Name = "Axe detail", Exact = true }).WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Select every instance on this page" }).CheckAsync();
        await wizard.Button("Delete").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete 1 instance" }).ClickAsync();
        await page.GetByText("That is not the number.").WaitForAsync();
        await Axe.CheckAsync(page, "bulk review");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await wizard.Button("Enable").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Enable 1 instance" }).ClickAsync();
        await page.GetByText("1 of 1").WaitForAsync();
        await Axe.CheckAsync(page, "job");
    }

    [Fact]
    [Trait(Suite.Name, Suite.All)]
    public async Task Outcomes_OfAnAttempt_HaveNoViolation()
    {
        await stage.Sandbox.FailNextAsync(new { match = "POST /instances", status = 400, message = "Refused for the test." });
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.GoToReviewAsync("Infusionsoft REST", "Axe outcomes", "client-outcomes");
        await wizard.GoToConsentAsync();

        var attempts = await stage.NewPageAsync();
        await attempts.GotoAsync("/");
        await attempts.GetByRole(AriaRole.Link, new() { Name = "Axe outcomes" }).First.ClickAsync();
        await new WizardDriver(attempts).WaitForHeadingAsync("Waiting for consent");
        await Axe.CheckAsync(attempts, "waiting for consent");
        await attempts.GotoAsync(attempts.Url.Replace("/connect/", "/oauth/landing/other-browser?attempt=", StringComparison.Ordinal));
        await Axe.CheckAsync(attempts, "other browser");
        await attempts.GotoAsync(attempts.Url.Replace("other-browser", "signed-out", StringComparison.Ordinal));
        await Axe.CheckAsync(attempts, "signed out");

        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("The platform refused");
        await Axe.CheckAsync(page, "refused");
    }

    [Fact]
    public async Task Navigation_OnANarrowScreen_OpensAndLeadsOn()
    {
        var page = await (await stage.NewBrowserAsync(width: 360, height: 760)).NewPageAsync();
        await page.GotoAsync("/instances");
        var navigation = page.GetByRole(AriaRole.Navigation, new() { Name = "Main" });
        await page.GetByRole(AriaRole.Heading, new() { Name = "Instances", Level = 1 }).WaitForAsync();
        await Expect(navigation).ToBeHiddenAsync();

        // The keyboard alone.
        await page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(navigation).ToBeVisibleAsync();
        await Axe.CheckAsync(page, "the open navigation");
        await page.Keyboard.PressAsync("Escape");
        await Expect(navigation).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Menu" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await navigation.GetByRole(AriaRole.Link, new() { Name = "Attempts" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Attempts", Level = 1 }).WaitForAsync();
        await Expect(navigation).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/accounts")]
    [InlineData("/accounts/new")]
    [InlineData("/provider-apps")]
    [InlineData("/provider-apps/new")]
    [InlineData("/instances")]
    [InlineData("/instances?search=nothing-has-this-name")]
    [InlineData("/attempts?show=all")]
    [InlineData("/attempts?search=nothing-has-this-name")]
    [InlineData("/activity")]
    [InlineData("/help")]
    [InlineData("/help/security")]
    [InlineData("/no-such-page")]
    [InlineData("/oauth/landing/unknown?came=code")]
    [InlineData("/oauth/landing/unknown")]
    [InlineData("/oauth/landing/incomplete")]
    public async Task Page_SignedIn_HasNoViolation(string address)
    {
        var page = await stage.NewPageAsync();
        await page.GotoAsync(address);
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        // The widest tables of all stand on the help pages.
        if (address.StartsWith("/help", StringComparison.Ordinal))
            await Axe.CheckAtEveryWidthAsync(page, address);
        else
            await Axe.CheckAsync(page, address);
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/setup?code=used")]
    [InlineData("/error")]
    public async Task Page_SignedOut_HasNoViolation(string address)
    {
        var page = await stage.NewPageAsync(signedIn: false);
        await page.GotoAsync(address);
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        await Axe.CheckAsync(page, address);
    }
}
