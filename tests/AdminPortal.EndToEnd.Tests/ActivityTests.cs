using System.Text.RegularExpressions;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>What is done in a browser is in the record, with the address that it was done from.</summary>
[Collection(SharedStage.Name)]
public sealed class ActivityTests(Stage stage)
{
    [Fact]
    public async Task Record_OfWhatAPageDid_SaysFromWhereAndDownloads()
    {
        var name = $"App {Guid.NewGuid():N}";
        var page = await stage.NewPageAsync();
        await page.GotoAsync("/provider-apps/new");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await page.GetByLabel("Client ID", new() { Exact = true }).FillAsync("client-0002");
        await page.GetByLabel("Client secret", new() { Exact = true }).FillAsync("planted-client-secret-0002");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/provider-apps$"));

        // By a circuit: the address is the one that opened it.
        await page.GotoAsync("/activity");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name.ToUpperInvariant());
        await page.GetByLabel("Name", new() { Exact = true }).PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex("/activity[?]name="));
        var row = page.Locator("tbody tr");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).ToContainTextAsync("Provider app added");
        await Expect(row).ToContainTextAsync("from 127.0.0.1");
        await Expect(row).ToContainTextAsync("Client secret: changed");
        (await page.ContentAsync()).ShouldNotContain("planted-client-secret-0002");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download CSV" }).ClickAsync());
        var csv = await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken);
        csv.ShouldContain(name);
        csv.ShouldNotContain("planted");

        // By a form that is posted, before there is a circuit.
        await page.GotoAsync("/activity?action=AdministratorCreated");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("from 127.0.0.1");
    }
}
