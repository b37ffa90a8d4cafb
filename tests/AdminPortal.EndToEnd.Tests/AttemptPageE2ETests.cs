using System.Text.Json;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>An attempt's page in a browser: another account's consent, decided both ways; the timeline and the support bundle; a second instance.</summary>
[Collection(SharedStage.Name)]
public sealed class AttemptPageE2ETests(Stage stage)
{
    private const string OtherAccount = "zt119.infusionsoft.com";

    [Fact]
    public async Task OtherAccount_SignInAgain_CreatesNothingUntilTheRightOneAnswers()
    {
        await stage.Sandbox.ClearJournalAsync();
        var wizard = await AllowOtherAsync("Other account refused");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(0);

        await wizard.Button("Sign in again").ClickAsync();
        await wizard.WaitForHeadingAsync("Review and authorize");
        await wizard.GoToConsentAsync();
        await wizard.Button("Allow").ClickAsync();

        await wizard.WaitForHeadingAsync("Instance created");
        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task OtherAccount_WantedAllTheSame_IsConfirmedWithTheKeyboardAndTold()
    {
        var wizard = await AllowOtherAsync("Other account accepted");
        await Expect(wizard.Page.GetByText("Nothing has been sent and nothing has been created.")).ToBeVisibleAsync();

        await wizard.Button("Create it all the same").FocusAsync();
        await wizard.Page.Keyboard.PressAsync("Enter");
        await Expect(wizard.Page.Locator("#decision-confirm")).ToBeFocusedAsync();
        await wizard.Page.Keyboard.PressAsync("Tab");
        await wizard.Page.Keyboard.PressAsync("Enter");

        await wizard.WaitForHeadingAsync("Instance created");
        await wizard.Page.GetByText("It answered: the platform reaches the account with it.").WaitForAsync();
        await Expect(wizard.Page.GetByText("A person went on with that account")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Created_TimelineAndBundle_TellEverythingAndHoldNoSecret()
    {
        var wizard = new WizardDriver(await stage.NewPageAsync());
        await wizard.ConnectAsync("Infusionsoft CRM", "Told step by step");
        var page = wizard.Page;
        await Expect(page.Locator(".timeline-title").GetByText("At Infusionsoft's sign-in")).ToBeVisibleAsync();
        await Expect(page.Locator(".timeline-title").GetByText("Looked at on the platform")).ToBeVisibleAsync();
        await page.GetByText("What was sent, without secrets").ClickAsync();
        await Expect(page.Locator(".timeline pre").First).ToContainTextAsync("\"infusionsoft.private.key\": \"***\"");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download support bundle" }).ClickAsync());
        var id = page.Url.Split('/', '?')[^1];
        download.SuggestedFilename.ShouldBe($"adminportal-attempt-{id}.json");
        await using var file = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(file);
        var text = await reader.ReadToEndAsync();
        using var bundle = JsonDocument.Parse(text);
        bundle.RootElement.GetProperty("attempt").GetProperty("state").GetString().ShouldBe("Active");
        bundle.RootElement.GetProperty("timeline").GetProperty("steps").GetArrayLength().ShouldBeGreaterThan(8);
        bundle.RootElement.GetProperty("checks").GetArrayLength().ShouldBeGreaterThan(0);
        foreach (var secret in new[] { WizardDriver.ClientSecret, WizardDriver.EncryptedKey, Sandbox.OrganizationSecret, Sandbox.UserSecret }) text.ShouldNotContain(secret);

        var again = await page.Context.APIRequest.GetAsync($"/connect/{id}/support-bundle");
        again.Headers["cache-control"].ShouldContain("no-store");
        (await page.Context.APIRequest.GetAsync($"/connect/{Guid.NewGuid()}/support-bundle")).Status.ShouldBe(404);
        var stranger = await (await stage.NewBrowserAsync(signedIn: false)).APIRequest.GetAsync($"/connect/{id}/support-bundle", new() { MaxRedirects = 0 });
        stranger.Status.ShouldBeInRange(300, 401);
        (await stranger.TextAsync()).ShouldNotContain("Told step by step");
        await page.GotoAsync("/activity");
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = "Support bundle downloaded" }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Created_Twice_IsFoundByTheCheckAndTheSecondOneRemoved()
    {
        // The first look at what was created is held back, until the platform has a second one with the same tag.
        await stage.Sandbox.FailNextAsync(new { match = "GET /instances", status = 429, message = "Slow down", retryAfterSeconds = 3 });
        var wizard = new WizardDriver(await stage.NewPageAsync());
        await wizard.GoToReviewAsync("Infusionsoft REST", "Made twice");
        await wizard.GoToConsentAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
        var id = wizard.Page.Url.Split('/', '?')[^1];
        var second = (await stage.Sandbox.PullLeverAsync(new { element = "infusionsoftrest", name = "Made twice", tags = new[] { $"portal:{id}" } })).GetProperty("id").GetInt64();

        await wizard.Page.GetByText("The platform made a second instance", new() { Exact = true }).WaitForAsync(new() { Timeout = 20_000 });
        await wizard.Button("Remove the second instance").ClickAsync();
        var dialog = wizard.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByText($"Instance {second}, “Made twice”, will be deleted")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();

        await Expect(wizard.Page.GetByText($"The second instance, platform ID {second}, was removed")).ToBeVisibleAsync();
    }

    private async Task<WizardDriver> AllowOtherAsync(string name)
    {
        var wizard = new WizardDriver(await stage.NewPageAsync());
        await wizard.GoToReviewAsync("Infusionsoft CRM", name, "client-" + name.Replace(' ', '-'));
        await wizard.GoToConsentAsync();
        await wizard.Page.GetByText(OtherAccount).ClickAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Another Infusionsoft account answered");
        return wizard;
    }
}
