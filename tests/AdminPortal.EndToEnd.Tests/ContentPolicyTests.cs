using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Playwright;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>The pages do with what their content security policy allows, and nothing else runs in them.</summary>
[Collection(SecondStage.Name)]
public sealed class ContentPolicyTests(Stage stage)
{
    [Fact]
    public async Task Pages_UnderTheirPolicy_BreakItNowhereAndKeepCircuitsOpen()
    {
        var page = await stage.NewPageAsync();
        var broken = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase)) broken.Add($"{new Uri(page.Url).AbsolutePath}: {message.Text}");
        };

        var wizard = new WizardDriver(page);
        await wizard.GoToReviewAsync("Infusionsoft CRM", "Under a policy");
        foreach (var address in new[] { "/", "/instances", "/attempts", "/lapses", "/legacy-keys", "/activity", "/accounts", "/accounts/new", "/provider-apps", "/help/security", "/nowhere", "/setup" })
        {
            await page.GotoAsync(address);
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        }

        broken.ShouldBeEmpty();
        // What a page sends as it is left has been taken as well.
        stage.Portal.Output.ShouldNotContain("A circuit was refused");

        // The listening itself hears, and what was slipped in does not run.
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        await page.RunAndWaitForConsoleMessageAsync(
            () => page.EvaluateAsync("() => { const script = document.createElement('script'); script.textContent = 'window.slippedIn = true'; document.body.append(script); }"),
            new() { Predicate = message => message.Text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase) });
        broken.ShouldNotBeEmpty();
        (await page.EvaluateAsync<bool>("() => window.slippedIn === true")).ShouldBeFalse();
    }
}
