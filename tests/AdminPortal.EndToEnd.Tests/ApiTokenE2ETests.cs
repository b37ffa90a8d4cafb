using System.Net;
using System.Net.Http.Headers;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>A token is made in a browser, used by a script, and revoked.</summary>
[Collection(SharedStage.Name)]
public sealed class ApiTokenE2ETests(Stage stage)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Token_MadeUsedAndRevoked_IsShownOnce(ColorScheme scheme)
    {
        var name = $"Script {scheme}";
        var page = await stage.NewPageAsync(scheme);
        await page.GotoAsync("/me/tokens");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await CheckAsync(page, "tokens");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make token" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Token “{name}” is made" })).ToBeVisibleAsync();
        var value = await page.GetByLabel("API token", new() { Exact = true }).InputValueAsync();
        value.ShouldStartWith("apt_");
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy the token" }).ClickAsync();
        await Expect(page.GetByText("Copied", new() { Exact = true })).ToBeVisibleAsync();
        (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldBe(value);
        await CheckAsync(page, "token made");
        page.Url.ShouldNotContain("apt_");

        using var script = new HttpClient { BaseAddress = stage.Portal.Address };
        script.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", value);
        using (var answer = await script.GetAsync("/api/v1/elements", TestContext.Current.CancellationToken))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("infusionsoftrest");
        }

        await page.GotoAsync("/me/tokens");
        (await page.ContentAsync()).ShouldNotContain(value);
        var row = page.Locator("tbody tr", new() { HasText = name });
        await Expect(row).ToContainTextAsync("from 127.0.0.1");
        await row.Locator("summary").ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = $"Revoke now {name}" }).ClickAsync();
        await Expect(page.GetByText("The token is revoked.")).ToBeVisibleAsync();
        await CheckAsync(page, "token revoked");
        await page.SetViewportSizeAsync(360, 800);
        await CheckAsync(page, "tokens on a phone");
        await page.SetViewportSizeAsync(1440, 900);
        using (var answer = await script.GetAsync("/api/v1/elements", TestContext.Current.CancellationToken)) answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        stage.Portal.Output.ShouldNotContain(value);

        await page.GotoAsync("/help/api");
        await page.GetByRole(AriaRole.Link, new() { Name = "POST /api/v1/attempts" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Make a draft" })).ToBeInViewportAsync();
        await CheckAsync(page, "reference");
        await page.SetViewportSizeAsync(360, 800);
        await CheckAsync(page, "reference on a phone");
    }

    private static async Task CheckAsync(IPage page, string where)
    {
        var result = await page.RunAxe();
        result.Violations.Select(violation => $"{where}: {violation.Id}: {string.Join("; ", violation.Nodes.Select(node => node.Html))}").ShouldBeEmpty();
        (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth")).ShouldBeFalse($"{where} is wider than the window.");
    }
}
