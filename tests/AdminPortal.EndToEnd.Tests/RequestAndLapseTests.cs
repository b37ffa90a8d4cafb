using System.Net;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

[Collection(SharedStage.Name)]
public sealed class RequestAndLapseTests(Stage stage)
{
    [Fact]
    public async Task Request_ChosenFilledInAndSent_ShowsTheAnswerAndTheInstanceStandsInTheCalendar()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", "To be asked");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Requests", Exact = true }).ClickAsync();
        await page.GetByLabel("Find a request").WaitForAsync();
        await Axe.CheckAsync(page, "requests");
        await stage.Sandbox.ClearJournalAsync();

        // The keyboard alone.
        var choice = page.GetByLabel("Request", new() { Exact = true });
        await choice.SelectOptionAsync("GET /contacts");
        await page.GetByLabel("pageSize").FocusAsync();
        await page.Keyboard.TypeAsync("2");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Answer" })).ToBeFocusedAsync();
        await Expect(page.GetByText("200 OK").First).ToBeVisibleAsync();
        (await stage.Sandbox.JournalAsync()).ShouldContain(entry => entry.Method == "GET" && entry.Path == "/elements/api-v2/contacts" && entry.Query == "?pageSize=2");
        (await page.ContentAsync()).ShouldNotContain(Sandbox.UserSecret);
        await Axe.CheckAsync(page, "answer");
        await page.SetViewportSizeAsync(360, 800);
        await Axe.CheckAsync(page, "answer on a narrow screen");

        // Its token is fresh: by the usual estimate it lapses 45 days from now.
        await page.GotoAsync($"/lapses?month={DateTime.UtcNow.AddDays(45):yyyy-MM}");
        await page.Locator(".lapse-grid td a").First.ClickAsync();
        await page.Locator(".lapse-rows a").First.WaitForAsync();
        await Axe.CheckAsync(page, "day on a narrow screen");
    }

    [Fact]
    public async Task Calendar_MadeAndSwitchedOff_IsFetchedWithoutASignIn()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await page.GotoAsync("/lapses?month=2026-12");
        await wizard.WaitForHeadingAsync("Lapse calendar");
        await page.GetByRole(AriaRole.Link, new() { Name = "Next month" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "January 2027" })).ToBeFocusedAsync();
        await Axe.CheckAsync(page, "calendar");

        await wizard.Button("Make an address").ClickAsync();
        var address = await page.GetByLabel("Calendar address", new() { Exact = true }).InputValueAsync();
        await Axe.CheckAsync(page, "calendar with its address");
        await page.SetViewportSizeAsync(360, 800);
        await Axe.CheckAsync(page, "calendar on a narrow screen");

        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(address));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/calendar");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await answer.Content.ReadAsStringAsync()).ShouldStartWith("BEGIN:VCALENDAR\r\n");

        await wizard.Button("Switch off").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Switch off" }).ClickAsync();
        await page.GetByText("The address is switched off").WaitForAsync();
        using var dead = await http.GetAsync(new Uri(address));
        dead.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        dead.Headers.CacheControl!.NoStore.ShouldBeTrue();
        stage.Portal.Output.ShouldNotContain(new Uri(address).Segments[^1].Replace(".ics", "", StringComparison.Ordinal));
    }
}
