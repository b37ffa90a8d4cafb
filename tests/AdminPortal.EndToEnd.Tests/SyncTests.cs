using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>What is made and changed on the platform, behind the portal's back, is found, adopted and written back.</summary>
[Collection(SecondStage.Name)]
public sealed class SyncTests(Stage stage)
{
    [Fact]
    public async Task Sync_FoundAdoptedChangedAndPushed_EndsInStep()
    {
        const string name = "Sync made elsewhere";
        var made = await stage.Sandbox.PullLeverAsync(new { element = "infusionsoftrest", name, tags = new[] { "found" } });
        var id = made.GetProperty("id").GetInt64();
        var page = await stage.NewPageAsync();
        await page.GotoAsync("/accounts");
        // The account is the sandbox's: offered, or added by another test already.
        var sync = page.GetByRole(AriaRole.Link, new() { Name = "Sync with" }).First;
        var offer = page.GetByRole(AriaRole.Button, new() { Name = "Use it" });
        await Expect(sync.Or(offer).First).ToBeVisibleAsync();
        if (await offer.CountAsync() > 0) await offer.First.ClickAsync();
        await sync.ClickAsync();
        await SyncAsync(page);
        await Axe.CheckAtEveryWidthAsync(page, "only on the platform");

        await Button(page, $"Adopt {name}").ClickAsync();
        await Expect(page.GetByText("Done.", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(Button(page, $"Adopt {name}")).ToHaveCountAsync(0);

        await stage.Sandbox.PullLeverAsync(new { name = $"{name} renamed" }, id);
        await SyncAsync(page);
        await Expect(page.GetByText($"{name} renamed")).ToBeVisibleAsync();
        await Axe.CheckAtEveryWidthAsync(page, "changed");
        await Button(page, $"Push the portal's values of {name}").ClickAsync();
        await Expect(page.GetByText("are on the platform.")).ToBeVisibleAsync();
        (await stage.Sandbox.JournalAsync()).Last(entry => entry.Method == "PATCH").RequestBody!.ShouldContain($"\"{name}\"");

        await stage.Sandbox.RemoveInstanceAsync(id);
        await SyncAsync(page);
        await Button(page, $"Remove here: {name}").ClickAsync();
        await Axe.CheckAtEveryWidthAsync(page, "remove dialog");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove here" }).ClickAsync();
        await Expect(page.GetByText("Done.", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(Button(page, $"Remove here: {name}")).ToHaveCountAsync(0);
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static async Task SyncAsync(IPage page)
    {
        var start = page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Start sync|Sync again)$") });
        await start.ClickAsync();
        // It may be over before the page shows that it runs; what was done before is not said any more in any case.
        await Expect(page.GetByText("are on the platform.").Or(page.GetByText("Done.", new() { Exact = true }))).ToHaveCountAsync(0);
        await Expect(page.GetByText("Complete:")).ToBeVisibleAsync();
        await Expect(start).ToBeEnabledAsync();
    }
}
