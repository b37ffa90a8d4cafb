using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

[Collection(SecondStage.Name)]
public sealed class BulkJobTests(Stage stage)
{
    [Fact]
    public async Task Selection_TaggedAndExported_FollowsOnThePlatformAndIsAFile()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "=Bulk formula");
        await wizard.ConnectAsync("Infusionsoft REST", "Bulk plain");
        await stage.Sandbox.ClearJournalAsync();

        await OpenSelectionAsync(page, wizard, "bulk", "Bulk plain");
        await wizard.Button("Add tags").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByText("2 instances", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(dialog.GetByText("=Bulk formula")).ToBeVisibleAsync();
        await dialog.GetByLabel("Tags").FillAsync("by the dozen");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add to 2 instances" }).ClickAsync();
        await wizard.WaitForHeadingAsync("Add tags to instances");
        await Expect(page.GetByText("2 of 2")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(page.GetByText("2 succeeded").First).ToBeVisibleAsync();
        var patches = (await stage.Sandbox.JournalAsync()).Where(entry => entry.Method == "PATCH").ToList();
        patches.Count.ShouldBe(2);
        patches.ShouldAllBe(patch => patch.RequestBody!.Contains("\"by the dozen\"") && patch.RequestBody.Contains("portal:"));

        await OpenSelectionAsync(page, wizard, "by the dozen", "Bulk plain");
        await wizard.Button("Export").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Export 2 instances" }).ClickAsync();
        await wizard.WaitForHeadingAsync("Export instances");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download CSV" }).ClickAsync());
        download.SuggestedFilename.ShouldStartWith("instances-");
        download.SuggestedFilename.ShouldEndWith(".csv");
        using var reader = new StreamReader(await download.CreateReadStreamAsync());
        var csv = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        csv.Split("\r\n").Length.ShouldBe(4);
        csv.ShouldContain("\"'=Bulk formula\"");
        csv.ShouldContain("\"berlin, docs, by the dozen\"");
        csv.ShouldNotContain("portal:");

        // Without a sign-in there is no file.
        var stranger = await stage.NewPageAsync(signedIn: false);
        var answer = await stranger.Context.APIRequest.GetAsync(new Uri(stage.Portal.Address, new Uri(page.Url).AbsolutePath + "/export?format=csv").AbsoluteUri, new() { MaxRedirects = 0 });
        answer.Status.ShouldBe(302);
        answer.Headers["location"].ShouldContain("/sign-in");
    }

    [Fact]
    public async Task Selection_Deleted_WantsTheNumberAndStaysInTheRecord()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "To go in bulk");

        await OpenSelectionAsync(page, wizard, "to go in", "To go in bulk");
        await wizard.Button("Delete").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var confirm = dialog.GetByRole(AriaRole.Button, new() { Name = "Delete 1 instance" });
        await confirm.ClickAsync();
        await Expect(dialog.GetByText("That is not the number.")).ToBeVisibleAsync();
        await dialog.GetByLabel("Type the number of instances to confirm").FillAsync("1");
        await confirm.ClickAsync();
        await wizard.WaitForHeadingAsync("Delete instances");
        await Expect(page.GetByText("1 of 1")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "To go in bulk" })).ToContainTextAsync("Succeeded");

        await page.GetByRole(AriaRole.Link, new() { Name = "All activity" }).ClickAsync();
        await wizard.WaitForHeadingAsync("Activity");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Bulk job ended" }).First).ToContainTextAsync("1 succeeded, 0 failed, 0 skipped.");
        (await stage.Sandbox.JournalAsync()).ShouldContain(entry => entry.Method == "DELETE" && entry.Status == 200);
    }

    private static async Task OpenSelectionAsync(IPage page, WizardDriver wizard, string search, string expected)
    {
        await page.GotoAsync($"/instances?search={Uri.EscapeDataString(search)}");
        await page.GetByRole(AriaRole.Link, new() { Name = expected, Exact = true }).WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Select every instance on this page" }).CheckAsync();
        await Expect(wizard.Button("Export")).ToBeEnabledAsync();
    }
}
