using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

[Collection(SharedStage.Name)]
public sealed class InstanceTests(Stage stage)
{
    [Fact]
    public async Task Instance_EditedDisabledEnabledAndDeleted_FollowsOnThePlatform()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "To be edited");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await wizard.WaitForHeadingAsync("To be edited");

        await page.GetByLabel("Instance name").FillAsync("Edited");
        await page.GetByLabel("Tags").FillAsync("one, two");
        await wizard.Button("Save").ClickAsync();
        await wizard.WaitForHeadingAsync("Edited");
        var patch = (await stage.Sandbox.JournalAsync()).Last(entry => entry.Method == "PATCH");
        patch.RequestBody.ShouldNotBeNull();
        patch.RequestBody.ShouldContain("\"one\"");
        patch.RequestBody.ShouldContain("portal:");

        await wizard.Button("Disable").First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(page.GetByText("Disabled").First).ToBeVisibleAsync();
        await wizard.Button("Enable").First.ClickAsync();
        await Expect(wizard.Button("Disable").First).ToBeVisibleAsync();

        // The dialog takes the focus, never moves it while somebody types, and gives it back.
        await wizard.Button("Reveal token").PressAsync("Enter");
        var reveal = page.GetByRole(AriaRole.Dialog);
        await Expect(reveal.GetByLabel("Reason")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.WaitForTimeoutAsync(800);
        await Expect(reveal.GetByLabel("Password")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await reveal.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await Expect(wizard.Button("Reveal token")).ToBeFocusedAsync();

        await wizard.Button("Reveal token").ClickAsync();
        await reveal.GetByLabel("Password").FillAsync("a wrong password");
        await reveal.GetByRole(AriaRole.Button, new() { Name = "Reveal", Exact = true }).ClickAsync();
        await Expect(reveal.GetByText("Say what you need the token for")).ToBeVisibleAsync();
        await reveal.GetByLabel("Reason").FillAsync("A walk through the portal");
        await reveal.GetByLabel("Password").FillAsync("a wrong password");
        await reveal.GetByRole(AriaRole.Button, new() { Name = "Reveal", Exact = true }).ClickAsync();
        await Expect(reveal.GetByText("That is not your password.")).ToBeVisibleAsync();
        await Expect(reveal.GetByLabel("Password")).ToHaveValueAsync("");
        await Axe.CheckAsync(page, "reveal");
        await wizard.GiveReasonAsync("Reveal");
        await Expect(page.Locator("#token-value")).Not.ToHaveTextAsync("••••••••");
        await Expect(page.GetByText("The token is shown for 30 seconds.")).ToBeVisibleAsync();
        await Expect(wizard.Button("Hide token")).ToBeFocusedAsync();
        await wizard.Button("Hide token").ClickAsync();
        await Expect(page.Locator("#token-value")).ToHaveTextAsync("••••••••");
        await Expect(page.GetByText("The token is hidden again.")).ToBeVisibleAsync();

        // By itself after thirty seconds, and not before: in a browser of its own, whose clock is put forward.
        var timed = await stage.NewPageAsync();
        await timed.Clock.InstallAsync();
        await timed.GotoAsync(page.Url);
        var second = new WizardDriver(timed);
        await second.WaitForHeadingAsync("Edited");
        await second.Button("Reveal token").ClickAsync();
        await second.GiveReasonAsync("Reveal");
        await Expect(timed.Locator("#token-value")).Not.ToHaveTextAsync("••••••••");
        await timed.Clock.FastForwardAsync(10_000);
        await Expect(timed.Locator("#token-value")).Not.ToHaveTextAsync("••••••••");
        await timed.Clock.FastForwardAsync(20_000);
        await Expect(timed.Locator("#token-value")).ToHaveTextAsync("••••••••");

        await wizard.Button("Delete").First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Instance name").FillAsync("Edited");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.WaitForURLAsync("**/instances?*");
        await Expect(page.GetByText("The instance has been deleted, on the platform and here.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Edited", Exact = true })).ToHaveCountAsync(0);
        (await stage.Sandbox.JournalAsync()).ShouldContain(entry => entry.Method == "DELETE" && entry.Status == 200);
    }

    [Fact]
    public async Task Delete_WithTheWrongName_KeepsTheInstance()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "To be kept");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await wizard.WaitForHeadingAsync("To be kept");
        await stage.Sandbox.ClearJournalAsync();

        await wizard.Button("Delete").First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Instance name").FillAsync("Something else");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(dialog.GetByText("Type the name of the instance exactly")).ToBeVisibleAsync();

        (await stage.Sandbox.JournalAsync()).ShouldNotContain(entry => entry.Method == "DELETE");
    }
}
