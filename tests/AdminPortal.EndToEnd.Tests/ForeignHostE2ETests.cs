using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>A stored provider app at a host that its secret was not entered for.</summary>
public sealed class ForeignHostE2ETests : IAsyncLifetime
{
    private readonly Stage _stage = new();

    public ValueTask InitializeAsync() => _stage.InitializeAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Authorize_StoredAppAtAnotherHost_SendsNothingUntilAnAdministratorAllowsIt()
    {
        // The same sandbox by another name is another origin.
        var elsewhere = $"http://localhost:{_stage.Sandbox.Address.Port}";
        var page = await _stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "At home");
        await AddAccountAsync(page, elsewhere);
        await _stage.Sandbox.ClearJournalAsync();

        await page.GotoAsync("/connect");
        await wizard.WaitForHeadingAsync("Choose the element");
        await page.GetByLabel("Platform account").SelectOptionAsync(new SelectOptionValue { Label = $"Elsewhere ({elsewhere})" });
        await wizard.ChooseElementAsync("Infusionsoft REST");
        await Expect(page.GetByText($"may not be sent to {elsewhere} yet")).ToBeVisibleAsync();
        await Axe.CheckAtEveryWidthAsync(page, "an app that is not allowed");
        var provider = page.Url;
        await wizard.ContinueToAsync("Name and options");
        await page.GetByLabel("Instance name").FillAsync("Elsewhere");
        await wizard.ContinueToAsync("Review and authorize");
        await wizard.Button("Authorize with Infusionsoft").ClickAsync();
        await Expect(page.GetByText($"may not be sent to {elsewhere} yet, so nothing was sent").First).ToBeVisibleAsync();
        (await _stage.Sandbox.JournalAsync()).ShouldNotContain(entry => entry.Path.Contains("/oauth/url", StringComparison.Ordinal));

        await page.GotoAsync(provider);
        await wizard.Button($"Allow {elsewhere}").ClickAsync();
        await Expect(page.GetByText("may not be sent")).ToHaveCountAsync(0);
        await wizard.ContinueToAsync("Name and options");
        await wizard.ContinueToAsync("Review and authorize");
        await wizard.GoToConsentAsync();
        (await _stage.Sandbox.JournalAsync()).ShouldContain(entry => entry.Path.Contains("/oauth/url", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EditAccount_OtherHostWithInstances_IsRefusedAndTheMoveListsThem()
    {
        var elsewhere = $"http://localhost:{_stage.Sandbox.Address.Port}";
        var page = await _stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "Moves along");
        await page.GotoAsync("/accounts");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit Test sandbox" }).ClickAsync();
        await page.GetByLabel("Base URL").FillAsync(elsewhere);
        await wizard.Button("Replace Organization secret").ClickAsync();
        await wizard.Button("Replace User secret").ClickAsync();
        await page.GetByLabel("Organization secret", new() { Exact = true }).FillAsync("invented");
        await page.GetByLabel("User secret", new() { Exact = true }).FillAsync("invented");
        await wizard.Button("Save").ClickAsync();
        await Expect(page.GetByText("To change the host, use \"Move to another host\"").First).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Move to another host" }).ClickAsync();
        await wizard.WaitForHeadingAsync("Move a platform account to another host");
        await Expect(page.GetByText("Moves along")).ToBeVisibleAsync();
        await Axe.CheckAtEveryWidthAsync(page, "a move");
        await page.GetByLabel("New base URL").FillAsync(elsewhere);
        await page.GetByLabel("Organization secret", new() { Exact = true }).FillAsync(Sandbox.OrganizationSecret);
        await page.GetByLabel("User secret", new() { Exact = true }).FillAsync(Sandbox.UserSecret);
        await wizard.Button("Move").ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/accounts$"));
        await Expect(page.GetByText(elsewhere)).ToBeVisibleAsync();

        await page.GotoAsync("/activity");
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Platform account moved to another host" })).ToBeVisibleAsync();
    }

    private static async Task AddAccountAsync(IPage page, string baseUrl)
    {
        await page.GotoAsync("/accounts/new");
        await page.GetByLabel("Base URL").FillAsync(baseUrl);
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Elsewhere");
        await page.GetByLabel("Organization secret", new() { Exact = true }).FillAsync(Sandbox.OrganizationSecret);
        await page.GetByLabel("User secret", new() { Exact = true }).FillAsync(Sandbox.UserSecret);
        await page.GetByText("Advanced").ClickAsync();
        await page.GetByLabel("Sign-in hosts").FillAsync("127.0.0.1\nlocalhost");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/accounts$"));
    }
}
