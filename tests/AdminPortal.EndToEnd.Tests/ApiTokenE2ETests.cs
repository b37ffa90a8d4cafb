using System.Net;
using System.Net.Http.Headers;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>A token is made in a browser, used by a script, and revoked.</summary>
[Collection(SharedStage.Name)]
public sealed class ApiTokenE2ETests(Stage stage)
{
    [Fact]
    public async Task Token_MadeUsedAndRevoked_IsShownOnce()
    {
        const string name = "Nightly script";
        var page = await stage.NewPageAsync();
        await page.GotoAsync("/me/tokens");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await Axe.CheckAtEveryWidthAsync(page, "tokens");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make token" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Token “{name}” is made" })).ToBeVisibleAsync();
        var value = await page.GetByLabel("API token", new() { Exact = true }).InputValueAsync();
        value.ShouldStartWith("apt_");
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy the token" }).ClickAsync();
        await Expect(page.GetByText("Copied", new() { Exact = true })).ToBeVisibleAsync();
        (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldBe(value);
        await Axe.CheckAtEveryWidthAsync(page, "token made");
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
        await Axe.CheckAtEveryWidthAsync(page, "token revoked");
        using (var answer = await script.GetAsync("/api/v1/elements", TestContext.Current.CancellationToken)) answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        stage.Portal.Output.ShouldNotContain(value);

        await page.GotoAsync("/help/api");
        await page.GetByRole(AriaRole.Link, new() { Name = "POST /api/v1/attempts" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Make a draft" })).ToBeInViewportAsync();
        await Axe.CheckAtEveryWidthAsync(page, "reference");
    }
}
