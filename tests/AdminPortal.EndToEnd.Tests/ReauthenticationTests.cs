using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>An instance is authorized anew, and one with a legacy key is moved; axe looks at their pages on the way.</summary>
[Collection(SharedStage.Name)]
public sealed class ReauthenticationTests(Stage stage)
{
    [Fact]
    public async Task Reauthenticate_DisabledInstance_KeepsItsIdAndGetsANewToken()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft CRM", "To be authorized again");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await wizard.WaitForHeadingAsync("To be authorized again");
        var address = page.Url;
        var platformId = await page.GetByLabel("Platform ID", new() { Exact = true }).InputValueAsync();
        var token = await RevealTokenAsync(page, wizard);
        await wizard.Button("Disable").First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(wizard.Button("Enable").First).ToBeVisibleAsync();
        await stage.Sandbox.ClearJournalAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Re-authenticate", Exact = true }).ClickAsync();
        await wizard.WaitForHeadingAsync("Authorize again");
        await wizard.Button("Re-authenticate").ClickAsync();
        await wizard.WaitForHeadingAsync("Review and authorize");
        await Expect(page.GetByText("Kept: the platform's own stays")).ToBeVisibleAsync();
        await Expect(page.GetByText("is disabled on the platform and stays disabled")).ToBeVisibleAsync();
        await Axe.CheckAtEveryWidthAsync(page, "the review");
        // What is amber asks first.
        await wizard.Button("Authorize with Infusionsoft").ClickAsync();
        await wizard.Button("Leave all the same").ClickAsync();
        await wizard.SignInAtTheSandboxAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance authorized again");
        await Axe.CheckAtEveryWidthAsync(page, "authorized again");

        var calls = await stage.Sandbox.JournalAsync();
        calls.ShouldNotContain(call => call.Method == "POST" && call.Path == "/elements/api-v2/instances");
        var put = calls.Where(call => call.Method == "PUT").ShouldHaveSingleItem();
        put.Path.ShouldBe($"/elements/api-v2/instances/{platformId}");
        put.Query.ShouldBe("?reAuthenticate=true");
        await Expect(page.GetByText("The instance is still disabled")).ToBeVisibleAsync();
        await wizard.Button("Enable").ClickAsync();
        await Expect(page.GetByText("The instance is enabled.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await wizard.WaitForHeadingAsync("To be authorized again");
        page.Url.ShouldBe(address);
        await Expect(page.GetByLabel("Platform ID", new() { Exact = true })).ToHaveValueAsync(platformId);
        (await RevealTokenAsync(page, wizard)).ShouldNotBe(token);
    }

    [Fact]
    public async Task LegacyMove_AllTheWay_ConnectsAnewAndDisablesTheOldOne()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft Marketing", "To be moved");
        await page.GotoAsync("/legacy-keys");
        await page.GetByRole(AriaRole.Link, new() { Name = "Move to Infusionsoft REST: To be moved" }).WaitForAsync();
        await Axe.CheckAtEveryWidthAsync(page, "the radar");
        await page.GetByRole(AriaRole.Link, new() { Name = "Move to Infusionsoft REST: To be moved" }).ClickAsync();
        await wizard.WaitForHeadingAsync("Move To be moved");
        await Axe.CheckAtEveryWidthAsync(page, "the move");
        await stage.Sandbox.ClearJournalAsync();

        await wizard.Button("Move to Infusionsoft REST").ClickAsync();
        await wizard.WaitForHeadingAsync("Name and options");
        await Expect(page.GetByLabel("Instance name")).ToHaveValueAsync("To be moved");
        await Expect(page.GetByLabel("Tags")).ToHaveValueAsync("berlin, docs");
        await wizard.ContinueToAsync("Review and authorize");
        await wizard.GoToConsentAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on with the move" }).ClickAsync();
        await wizard.Button("Check the new one and disable the old one").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Check and disable" }).ClickAsync();
        await Expect(page.GetByText("The old instance is disabled, not deleted.")).ToBeVisibleAsync();

        var calls = await stage.Sandbox.JournalAsync();
        calls.ShouldContain(call => call.Path == "/elements/api-v2/ping" && call.Status == 200);
        calls.Where(call => call.Method == "DELETE").ShouldHaveSingleItem().Path.ShouldEndWith("/enabled");
        await Axe.CheckAtEveryWidthAsync(page, "moved");
    }

    private static async Task<string> RevealTokenAsync(IPage page, WizardDriver wizard)
    {
        await wizard.Button("Reveal token").ClickAsync();
        await wizard.GiveReasonAsync("Reveal");
        await Expect(page.Locator("#token-value")).Not.ToHaveTextAsync("••••••••");
        return await page.Locator("#token-value").InnerTextAsync();
    }
}
