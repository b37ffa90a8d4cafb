using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

[Collection(SecondStage.Name)]
public sealed class KeyTests(Stage stage)
{
    // Others work with the same portal meanwhile, and what they have sealed is sealed anew with the rest.
    [Fact]
    public async Task Rotation_ReviewedAndFollowed_LeavesATokenThatIsStillRevealed()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "Sealed anew");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await wizard.Button("Reveal token").ClickAsync();
        await wizard.GiveReasonAsync("Reveal");
        await Expect(page.Locator("#token-value")).Not.ToHaveTextAsync("••••••••");
        var token = await page.Locator("#token-value").TextContentAsync();
        var instance = page.Url;

        await page.GetByRole(AriaRole.Link, new() { Name = "Keys", Exact = true }).ClickAsync();
        await wizard.WaitForHeadingAsync("Keys");
        await page.GetByRole(AriaRole.Rowheader, new() { Name = "Instance token" }).WaitForAsync();
        await Axe.CheckAtEveryWidthAsync(page, "keys");
        await wizard.Button("Rotate the key").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByText("values are opened and sealed with a new key").WaitForAsync();
        await Axe.CheckAtEveryWidthAsync(page, "review");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Rotate the key" }).ClickAsync();
        await page.GetByText("The last rotation sealed").WaitForAsync(new() { Timeout = 60_000 });
        await Expect(page.GetByText("can be removed from")).ToBeVisibleAsync();
        await Axe.CheckAtEveryWidthAsync(page, "rotated");

        await page.GotoAsync(instance);
        await wizard.Button("Reveal token").ClickAsync();
        await wizard.GiveReasonAsync("Reveal");
        await Expect(page.Locator("#token-value")).ToHaveTextAsync(token!);
    }
}
