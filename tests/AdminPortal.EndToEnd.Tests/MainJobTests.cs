using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

[Collection(SharedStage.Name)]
public sealed class MainJobTests(Stage stage)
{
    [Theory]
    [InlineData("Infusionsoft REST", "infusionsoftrest")]
    [InlineData("Infusionsoft CRM", "infusionsoftcrm")]
    [InlineData("Infusionsoft Marketing Automation", "infusionsoftmarketing")]
    [InlineData("Infusionsoft Online Sales", "infusionsoftecommerce")]
    [InlineData("Infusionsoft ERP", "infusionsofterp")]
    public async Task Connect_EachElement_InstanceIsCreatedOnceAndListed(string element, string key)
    {
        await stage.Sandbox.ClearJournalAsync();
        var wizard = new WizardDriver(await stage.NewPageAsync());
        var name = $"Contoso {key}";

        await wizard.ConnectAsync(element, name);

        (await stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
        await Expect(wizard.Page.GetByText("••••••••").First).ToBeVisibleAsync();
        await wizard.Page.GetByRole(AriaRole.Link, new() { Name = "Instances" }).ClickAsync();
        await Expect(wizard.Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Connect_WithEvents_PollerConfigurationIsSent()
    {
        await stage.Sandbox.ClearJournalAsync();
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();
        await wizard.ChooseElementAsync("Infusionsoft REST");
        await wizard.FillProviderAsync("client-events");
        await wizard.ContinueToAsync("Name and options");
        await page.GetByLabel("Instance name").FillAsync("With events");
        await page.GetByLabel("Tags").FillAsync("berlin, docs");
        await page.GetByLabel("Receive events").CheckAsync();
        await page.GetByLabel("appointments").CheckAsync();
        await page.GetByLabel("contacts").CheckAsync();
        await page.GetByLabel("Event callback URL").FillAsync("not an address");
        // As slow as a hand: what is said of the field that is left moves the button away under it.
        await wizard.Button("Continue").ClickAsync(new() { Delay = 400 });
        await Expect(page.GetByLabel("Event callback URL")).ToBeFocusedAsync();
        await page.GetByLabel("Event callback URL").FillAsync("https://hooks.example.com/keap");
        await wizard.Button("Continue").ClickAsync(new() { Delay = 400 });
        await wizard.WaitForHeadingAsync("Review and authorize");
        await wizard.GoToConsentAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");

        var created = (await stage.Sandbox.JournalAsync()).Single(entry => entry is { Method: "POST", Path: "/elements/api-v2/instances" });
        created.RequestBody.ShouldNotBeNull();
        created.RequestBody.ShouldContain("event.poller.configuration");
        created.RequestBody.ShouldContain("/hubs/crm/appointments");
        created.RequestBody.ShouldNotContain("infusionsoft.server");
    }

    [Fact]
    public async Task Connect_ByKeyboardAlone_InstanceIsCreated()
    {
        var page = await stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();

        await TabToAsync(page, page.GetByRole(AriaRole.Radio, new() { Name = "Infusionsoft REST" }));
        await page.Keyboard.PressAsync("Space");
        await TabToAsync(page, wizard.Button("Continue"));
        await page.Keyboard.PressAsync("Enter");
        await wizard.WaitForHeadingAsync("API provider setup");
        await page.GetByLabel("Callback URL", new() { Exact = true }).WaitForAsync();

        if (await page.GetByLabel("Enter a new one").CountAsync() > 0)
        {
            await TabToAsync(page, page.Locator("input[name=app]:checked"));
            while (!await page.GetByLabel("Enter a new one").IsCheckedAsync()) await page.Keyboard.PressAsync("ArrowDown");
        }

        await TabToAsync(page, page.GetByLabel("Client ID", new() { Exact = true }));
        await page.Keyboard.TypeAsync("keyboard-client");
        await TabToAsync(page, page.GetByLabel("Client secret", new() { Exact = true }));
        await page.Keyboard.TypeAsync(WizardDriver.ClientSecret);
        await page.Keyboard.PressAsync("Enter");
        await wizard.WaitForHeadingAsync("Name and options");

        await TabToAsync(page, page.GetByLabel("Instance name"));
        await page.Keyboard.TypeAsync("By keyboard");
        await page.Keyboard.PressAsync("Enter");
        await wizard.WaitForHeadingAsync("Review and authorize");

        await TabToAsync(page, wizard.Button("Authorize with Infusionsoft"));
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("User name").WaitForAsync();
        await TabToAsync(page, page.GetByLabel("User name"));
        await page.Keyboard.TypeAsync("ada");
        await TabToAsync(page, page.GetByLabel("Password"));
        await page.Keyboard.TypeAsync("anything");
        await page.Keyboard.PressAsync("Enter");
        await wizard.Button("Allow").WaitForAsync();
        await TabToAsync(page, wizard.Button("Allow"));
        await page.Keyboard.PressAsync("Enter");

        await wizard.WaitForHeadingAsync("Instance created");
    }

    // Presses Tab as a person would, for at most one round through the page.
    private static async Task TabToAsync(IPage page, ILocator target)
    {
        for (var presses = 0; presses < 80; presses++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement")) return;
            await page.Keyboard.PressAsync("Tab");
        }

        throw new InvalidOperationException($"{target} cannot be reached by the keyboard.");
    }
}
