using System.Globalization;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>An instance's pages against the sandbox: checked, configured, and its events set.</summary>
[Collection(SharedStage.Name)]
public sealed class InstancePageTests(Stage stage)
{
    [Fact]
    public async Task Validate_DisabledByThePlatform_IsNamedAndThenWellAgain()
    {
        var (page, wizard, id) = await ConnectAsync("To be checked");

        await stage.Sandbox.PullLeverAsync(new { disabled = true, valid = false }, id);
        await wizard.Button("Validate").ClickAsync();
        await Expect(page.GetByText("The platform disabled this instance after five failed refreshes")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Re-authenticate" })).ToHaveCountAsync(1);

        await stage.Sandbox.PullLeverAsync(new { disabled = false, valid = true }, id);
        await wizard.Button("Validate").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).GetByText("It works")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "Last 3 checks: 2 alive, 1 disabled" })).ToBeVisibleAsync();
        await Expect(page.GetByText("five failed refreshes")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task ConfigurationEventsAndTrace_Saved_ReachThePlatform()
    {
        var (page, wizard, id) = await ConnectAsync("To be configured");
        await page.GetByLabel("Minutes", new() { Exact = true }).FillAsync("45");
        await wizard.Button("Switch on").ClickAsync();
        await Expect(page.GetByText("Trace logging is on for 45 minutes.")).ToBeVisibleAsync();

        await page.Locator(".tabs").GetByText("Configuration").ClickAsync();
        await page.GetByLabel("Show hidden entries").CheckAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Maximum page size" }).FillAsync("50");
        await wizard.Button("Save Maximum page size").ClickAsync();
        await Expect(page.GetByText("Saved on the platform.")).ToBeVisibleAsync();
        (await page.ContentAsync()).ShouldNotContain(WizardDriver.ClientSecret);

        await page.Locator(".tabs").GetByText("Events").ClickAsync();
        await page.GetByLabel("Receive events").CheckAsync();
        await page.GetByLabel("Event callback URL").FillAsync("https://hooks.example.com/infusionsoft");
        await page.Locator("#field-SignatureKey").FillAsync("planted-signature-key-0001");
        await page.GetByLabel("contacts", new() { Exact = true }).CheckAsync();
        await wizard.Button("Save").ClickAsync();
        await Expect(page.GetByText("Saved on the platform: events are on.")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Event callback URL")).ToHaveValueAsync("https://hooks.example.com/infusionsoft");
        (await page.ContentAsync()).ShouldNotContain("planted-signature-key-0001");

        var now = await stage.Sandbox.PullLeverAsync(new { }, id);
        now.GetProperty("configuration").GetProperty("pagination.max").GetString().ShouldBe("50");
        now.GetProperty("configuration").GetProperty("event.notification.enabled").GetString().ShouldBe("true");
        now.GetProperty("traceLoggingEnabled").GetBoolean().ShouldBeTrue();
    }

    private async Task<(IPage Page, WizardDriver Wizard, long Id)> ConnectAsync(string name)
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.ConnectAsync("Infusionsoft REST", name);
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the instance" }).ClickAsync();
        await wizard.WaitForHeadingAsync(name);
        return (page, wizard, long.Parse(await page.Locator("#platform-id").InputValueAsync(), CultureInfo.InvariantCulture));
    }
}
