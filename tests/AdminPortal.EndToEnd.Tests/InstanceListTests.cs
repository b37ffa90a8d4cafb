using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

[Collection(SharedStage.Name)]
public sealed class InstanceListTests(Stage stage)
{
    [Fact]
    public async Task List_SearchSortBackReloadAndView_ShowWhatTheAddressSays()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "Listed Zürich");
        await wizard.ConnectAsync("Infusionsoft REST", "Listed Århus");
        await page.GotoAsync("/instances");

        // Part of a name, without its accents; then the order; each choice is an address of its own.
        await page.GetByLabel("Search").FillAsync("listed");
        var rows = page.Locator("tbody th a");
        await Expect(rows).ToHaveTextAsync(["Listed Århus", "Listed Zürich"]);
        await page.GetByRole(AriaRole.Link, new() { Name = "Name", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("search=listed&sort=name$"));
        await Expect(page.Locator("th[aria-sort=ascending]")).ToContainTextAsync("Name");
        await page.GetByRole(AriaRole.Link, new() { Name = "Name", Exact = true }).ClickAsync();
        await Expect(rows).ToHaveTextAsync(["Listed Zürich", "Listed Århus"]);
        await page.GetByLabel("Search").FillAsync("listed zur");
        await Expect(rows).ToHaveTextAsync(["Listed Zürich"]);
        await Expect(page.Locator("#instance-count")).ToContainTextAsync("1 instance");

        await page.ReloadAsync();
        await Expect(rows).ToHaveTextAsync(["Listed Zürich"]);
        await page.GoBackAsync();
        await Expect(rows).ToHaveTextAsync(["Listed Århus", "Listed Zürich"]);

        // A view keeps it under a name, and an empty address then opens with it.
        await wizard.Button("Saved views").ClickAsync();
        await page.GetByLabel("Name of the view").FillAsync("Only the listed");
        await page.GetByLabel("Open the list with this view").CheckAsync();
        await wizard.Button("Save view").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.GotoAsync("/instances");
        await Expect(rows).ToHaveTextAsync(["Listed Århus", "Listed Zürich"]);
        await page.GetByRole(AriaRole.Link, new() { Name = "Clear filters" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"/instances\?sort=name$"));
        await Expect(page.GetByLabel("Search")).ToHaveValueAsync("");

        await wizard.Button("Saved views").ClickAsync();
        await wizard.Button("Remove Only the listed").ClickAsync();
        await Expect(page.GetByText("You have none yet")).ToBeVisibleAsync();
    }
}
