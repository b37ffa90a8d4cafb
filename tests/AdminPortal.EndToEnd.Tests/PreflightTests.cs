using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>What stops a person before leaving, what asks, and what stands in the list of attempts.</summary>
[Collection(SharedStage.Name)]
public sealed class PreflightTests(Stage stage)
{
    [Fact]
    public async Task Preflight_Warning_AsksByKeyboardAndIsNoted()
    {
        // A proxy that says something else than the setting: the page's request carries it, the way back is as it was.
        await using var browser = await stage.NewBrowserAsync();
        await browser.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["X-Forwarded-Proto"] = "https", ["X-Forwarded-Host"] = "other.example.com" });
        var page = await browser.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.GoToReviewAsync("Infusionsoft REST", "Asked first", "client-preflight");
        await Expect(page.GetByText("The proxy before the portal passed on https other.example.com")).ToBeVisibleAsync();
        await Expect(page.GetByText("The callback's address leads to this portal.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Infusionsoft REST is switched on.")).ToBeVisibleAsync();

        await wizard.Button("Authorize with Infusionsoft").PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Leave all the same?" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Checked before you leave" })).ToBeFocusedAsync();
        await wizard.Button("Authorize with Infusionsoft").PressAsync("Enter");
        await wizard.Button("Leave all the same").PressAsync("Enter");
        await wizard.SignInAtTheSandboxAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
        await Expect(page.GetByText("accepted: Proxy: The proxy before the portal passed on https other.example.com").First).ToBeAttachedAsync();
    }

    [Fact]
    public async Task Preflight_OtherAddress_StopsAndTheListKeepsTheDraft()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.GoToReviewAsync("Infusionsoft REST", "Left lying", "client-elsewhere");
        var review = new Uri(page.Url);

        // The same portal under another name, where the person signs in anew: cookies are another host's.
        var elsewhere = new UriBuilder(review) { Host = "localhost" }.Uri.AbsoluteUri;
        await page.GotoAsync(elsewhere);
        await page.GetByLabel("Email").FillAsync(Stage.Email);
        await page.GetByLabel("Password").FillAsync(Stage.Password);
        await wizard.Button("Sign in").ClickAsync();
        await page.GotoAsync(elsewhere);
        await wizard.WaitForHeadingAsync("Review and authorize");
        await wizard.Button("Authorize with Infusionsoft").ClickAsync();
        await Expect(page.GetByText("Something stands in the way.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Open this page under" }).ClickAsync();
        await wizard.WaitForHeadingAsync("Review and authorize");
        page.Url.ShouldBe(review.AbsoluteUri);

        await page.GetByRole(AriaRole.Link, new() { Name = "Attempts", Exact = true }).ClickAsync();
        await page.GetByLabel("Search").FillAsync("left ly");
        await wizard.Button("Find").ClickAsync();
        var row = page.GetByRole(AriaRole.Row, new() { Name = "Left lying" });
        await Expect(row).ToContainTextAsync("Will be removed on");
        await row.GetByRole(AriaRole.Button, new() { Name = "Discard Left lying" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Discard", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Left lying was discarded.")).ToBeVisibleAsync();
        await Expect(page.GetByText("No attempt has this in its name")).ToBeVisibleAsync();
    }
}
