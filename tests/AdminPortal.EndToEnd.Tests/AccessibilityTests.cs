using AdminPortal.EndToEnd.Tests.Infrastructure;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>axe finds nothing on any page and step, in both themes.</summary>
[Collection(SharedStage.Name)]
public sealed class AccessibilityTests(Stage stage)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Wizard_EveryStepAndTheSuccess_HasNoViolation(ColorScheme scheme)
    {
        var page = await stage.NewPageAsync(scheme);
        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Infusionsoft CRM" }).CheckAsync();
        await CheckAsync(page, "element");
        await wizard.ChooseElementAsync("Infusionsoft CRM");
        await wizard.FillProviderAsync("client-axe");
        await CheckAsync(page, "provider");
        await wizard.ContinueToAsync("The Infusionsoft account");
        await wizard.Button("Continue").ClickAsync();
        await page.GetByText("Enter the host of the Infusionsoft account").WaitForAsync();
        await CheckAsync(page, "account with messages");
        await wizard.FillAccountAsync();
        await wizard.ContinueToAsync("Name and options");
        await CheckAsync(page, "options");
        await page.GetByLabel("Instance name").FillAsync($"Axe {scheme}");
        await wizard.ContinueToAsync("Review and authorize");
        await page.GetByText("The platform asks for nothing more").WaitForAsync();
        await page.GetByText("The same with curl").ClickAsync();
        await CheckAsync(page, "review");
        await page.GetByRole(AriaRole.Link, new() { Name = "Platform accounts" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit" }).First.ClickAsync();
        await page.GetByLabel("Base URL").WaitForAsync();
        await CheckAsync(page, "account");
        await page.GoBackAsync();
        await page.GoBackAsync();
        await page.GetByText("The platform asks for nothing more").WaitForAsync();
        await wizard.GoToConsentAsync();
        await CheckAsync(page, "the sandbox's consent");
        await page.GetByText("zt119.infusionsoft.com").ClickAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Another Infusionsoft account answered");
        await wizard.Button("Create it all the same").ClickAsync();
        await CheckAsync(page, "another account answered");
        await wizard.Button("Create it all the same").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
        await page.GetByText("It answered: the platform reaches the account with it.").WaitForAsync();
        foreach (var payload in await page.Locator(".timeline summary").AllAsync()) await payload.ClickAsync();
        await CheckAsync(page, "created");
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Wizard_EventsAndDenial_HasNoViolation(ColorScheme scheme)
    {
        var page = await stage.NewPageAsync(scheme);
        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();
        await wizard.ChooseElementAsync("Infusionsoft REST");
        await wizard.FillProviderAsync("client-axe-rest");
        await wizard.ContinueToAsync("Name and options");
        await page.GetByLabel("Instance name").FillAsync($"Axe events {scheme}");
        await page.GetByLabel("Receive events").CheckAsync();
        await page.GetByText("Poller configuration (JSON)").First.ClickAsync();
        await wizard.Button("Continue").ClickAsync();
        await page.GetByText("Choose at least one resource").WaitForAsync();
        await CheckAsync(page, "events with messages");
        await page.GetByLabel("Receive events").UncheckAsync();
        await wizard.ContinueToAsync("Review and authorize");
        await page.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["X-Forwarded-Host"] = "other.example.com" });
        await page.ReloadAsync();
        await wizard.Button("Authorize with Infusionsoft").ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Leave all the same?" }).WaitForAsync();
        await CheckAsync(page, "review that asks");
        await wizard.Button("Leave all the same").ClickAsync();
        await wizard.SignInAtTheSandboxAsync();
        await wizard.Button("Deny").ClickAsync();
        await wizard.WaitForHeadingAsync("Access was not granted");
        await CheckAsync(page, "denied");
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Instance_DetailAndItsDialogs_HaveNoViolation(ColorScheme scheme)
    {
        var page = await stage.NewPageAsync(scheme);
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", $"Axe detail {scheme}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await wizard.WaitForHeadingAsync($"Axe detail {scheme}");
        await wizard.Button("Validate").ClickAsync();
        await page.GetByText("Last 2 checks").First.WaitForAsync();
        await page.GetByText("All kept checks").ClickAsync();
        await CheckAsync(page, "detail");
        await page.Locator(".tabs").GetByText("Configuration").ClickAsync();
        await page.GetByLabel("Show hidden entries").CheckAsync();
        await wizard.Button("Save API Secret").ClickAsync();
        await page.GetByText("the stored value stays as it is").WaitForAsync();
        await CheckAsync(page, "configuration");
        await page.Locator(".tabs").GetByText("Events").ClickAsync();
        await page.GetByLabel("Receive events").CheckAsync();
        await wizard.Button("Save").ClickAsync();
        await page.GetByText("Choose at least one resource").WaitForAsync();
        await CheckAsync(page, "events");
        await page.Locator(".tabs").GetByText("Overview").ClickAsync();
        await page.GetByText("Last 2 checks").First.WaitForAsync();
        await wizard.Button("Delete").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Instance name").WaitForAsync();
        await CheckAsync(page, "delete dialog");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await wizard.Button("Disable").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).WaitForAsync();
        await CheckAsync(page, "disable dialog");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await wizard.Button("Enable").WaitForAsync();
        await CheckAsync(page, "disabled");

        await page.GetByRole(AriaRole.Link, new() { Name = "Activity", Exact = true }).Last.ClickAsync();
        await page.GetByRole(AriaRole.Cell).First.WaitForAsync();
        await CheckAsync(page, "the instance's activity");
        await page.GotoAsync($"/instances?search={Uri.EscapeDataString($"Axe detail {scheme}")}");
        await page.GetByRole(AriaRole.Link, new() { Name = $"Axe detail {scheme}", Exact = true }).WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Select every instance on this page" }).CheckAsync();
        await wizard.Button("Delete").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete 1 instance" }).ClickAsync();
        await page.GetByText("That is not the number.").WaitForAsync();
        await CheckAsync(page, "bulk review");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await wizard.Button("Enable").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Enable 1 instance" }).ClickAsync();
        await page.GetByText("1 of 1").WaitForAsync();
        await CheckAsync(page, "job");
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Outcomes_OfAnAttempt_HaveNoViolation(ColorScheme scheme)
    {
        await stage.Sandbox.FailNextAsync(new { match = "POST /instances", status = 400, message = "Refused for the test." });
        var page = await stage.NewPageAsync(scheme);
        var wizard = new WizardDriver(page);
        await wizard.GoToReviewAsync("Infusionsoft REST", $"Axe outcomes {scheme}", $"client-outcomes-{scheme}");
        await wizard.GoToConsentAsync();

        var attempts = await stage.NewPageAsync(scheme);
        await attempts.GotoAsync("/");
        await attempts.GetByRole(AriaRole.Link, new() { Name = $"Axe outcomes {scheme}" }).First.ClickAsync();
        await new WizardDriver(attempts).WaitForHeadingAsync("Waiting for consent");
        await CheckAsync(attempts, "waiting for consent");
        await attempts.GotoAsync(attempts.Url.Replace("/connect/", "/oauth/landing/other-browser?attempt=", StringComparison.Ordinal));
        await CheckAsync(attempts, "other browser");
        await attempts.GotoAsync(attempts.Url.Replace("other-browser", "signed-out", StringComparison.Ordinal));
        await CheckAsync(attempts, "signed out");

        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("The platform refused");
        await CheckAsync(page, "refused");
    }

    [Theory]
    [InlineData(ColorScheme.Light, "/")]
    [InlineData(ColorScheme.Dark, "/")]
    [InlineData(ColorScheme.Light, "/accounts")]
    [InlineData(ColorScheme.Dark, "/accounts")]
    [InlineData(ColorScheme.Light, "/accounts/new")]
    [InlineData(ColorScheme.Dark, "/accounts/new")]
    [InlineData(ColorScheme.Light, "/provider-apps")]
    [InlineData(ColorScheme.Dark, "/provider-apps")]
    [InlineData(ColorScheme.Light, "/provider-apps/new")]
    [InlineData(ColorScheme.Dark, "/provider-apps/new")]
    [InlineData(ColorScheme.Light, "/instances")]
    [InlineData(ColorScheme.Dark, "/instances")]
    [InlineData(ColorScheme.Light, "/instances?search=nothing-has-this-name")]
    [InlineData(ColorScheme.Light, "/attempts?show=all")]
    [InlineData(ColorScheme.Dark, "/attempts?show=all")]
    [InlineData(ColorScheme.Light, "/attempts?search=nothing-has-this-name")]
    [InlineData(ColorScheme.Light, "/activity")]
    [InlineData(ColorScheme.Dark, "/activity")]
    [InlineData(ColorScheme.Light, "/no-such-page")]
    [InlineData(ColorScheme.Dark, "/no-such-page")]
    [InlineData(ColorScheme.Light, "/oauth/landing/unknown?came=code")]
    [InlineData(ColorScheme.Dark, "/oauth/landing/unknown")]
    public async Task Page_SignedIn_HasNoViolation(ColorScheme scheme, string address)
    {
        var page = await stage.NewPageAsync(scheme);
        await page.GotoAsync(address);
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await CheckAsync(page, address);
    }

    [Theory]
    [InlineData(ColorScheme.Light, "/sign-in")]
    [InlineData(ColorScheme.Dark, "/sign-in")]
    [InlineData(ColorScheme.Light, "/setup?code=used")]
    [InlineData(ColorScheme.Light, "/error")]
    public async Task Page_SignedOut_HasNoViolation(ColorScheme scheme, string address)
    {
        var page = await stage.NewPageAsync(scheme, signedIn: false);
        await page.GotoAsync(address);
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        await CheckAsync(page, address);
    }

    private static async Task CheckAsync(IPage page, string where)
    {
        var result = await page.RunAxe();
        result.Violations.Select(violation => $"{where}: {violation.Id}: {string.Join("; ", violation.Nodes.Select(node => node.Html))}").ShouldBeEmpty();

        var overflow = await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");
        overflow.ShouldBeFalse($"{where} is wider than the window.");
    }
}
