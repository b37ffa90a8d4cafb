using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>The portal is stopped or killed underneath a person; a stage of their own for these tests.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private readonly Stage _stage = new();

    public ValueTask InitializeAsync() => _stage.InitializeAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Restart_AtEveryStep_TheWizardContinuesWithWhatWasSaved()
    {
        var page = await _stage.NewPageAsync();
        var wizard = new WizardDriver(page);
        await wizard.OpenAsync();
        await wizard.ChooseElementAsync("Infusionsoft CRM");

        await RestartUnderAsync(wizard, "API provider setup");
        await wizard.FillProviderAsync("client-restart");
        await wizard.ContinueToAsync("The Infusionsoft account");

        await RestartUnderAsync(wizard, "The Infusionsoft account");
        await wizard.FillAccountAsync();
        // Leaving the field keeps what was typed, before "Continue".
        await Expect(page.GetByText("Understood as dt123.infusionsoft.com")).ToBeVisibleAsync();
        await RestartUnderAsync(wizard, "The Infusionsoft account");
        await Expect(page.GetByLabel("Infusionsoft server")).ToHaveValueAsync("dt123.infusionsoft.com");
        await wizard.FillAccountAsync();
        await wizard.ContinueToAsync("Name and options");

        await RestartUnderAsync(wizard, "Name and options");
        await page.GetByLabel("Instance name").FillAsync("Survivor");
        await page.GetByLabel("Tags").FillAsync("kept");
        await page.GetByLabel("Instance name").FocusAsync();
        await Expect(page.GetByText("kept", new() { Exact = true })).ToBeVisibleAsync();
        await RestartUnderAsync(wizard, "Name and options");
        await Expect(page.GetByLabel("Instance name")).ToHaveValueAsync("Survivor");
        await Expect(page.GetByLabel("Tags")).ToHaveValueAsync("kept");
        await wizard.ContinueToAsync("Review and authorize");

        await RestartUnderAsync(wizard, "Review and authorize");
        await wizard.GoToConsentAsync();
        await _stage.Portal.StopAsync();
        await _stage.Portal.StartAsync();
        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");

        // Everything is there after one more restart, and the person is still signed in.
        await _stage.Portal.StopAsync();
        await _stage.Portal.StartAsync();
        // In another tab: this one comes back by itself, and the two would meet.
        var tab = await page.Context.NewPageAsync();
        await tab.GotoAsync("/instances");
        await Expect(tab.GetByRole(AriaRole.Link, new() { Name = "Survivor", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Kill_BetweenCallbackAndRequest_TheInstanceIsCreatedOnceAfterTheStart()
    {
        var wizard = new WizardDriver(await _stage.NewPageAsync());
        await wizard.GoToReviewAsync("Infusionsoft REST", "Killed in between");
        await wizard.GoToConsentAsync();
        // Turned away once, the code waits in the database: between callback and request.
        await _stage.Sandbox.ClearJournalAsync();
        await _stage.Sandbox.FailNextAsync(new { match = "POST /instances", status = 429, message = "Slow down", retryAfterSeconds = 4 });
        await wizard.Button("Allow").ClickAsync();
        await Expect(wizard.Page.GetByText("The platform is busy and turned the request away.").First).ToBeVisibleAsync(new() { Timeout = 15_000 });

        await _stage.Portal.KillAsync();
        await _stage.Portal.StartAsync();

        await ReloadAsync(wizard.Page);
        await wizard.WaitForHeadingAsync("Instance created");
        (await _stage.Sandbox.JournalAsync()).Count(entry => entry is { Method: "POST", Path: "/elements/api-v2/instances", Status: 200 }).ShouldBe(1);
    }

    [Fact]
    public async Task Kill_WhileTheRequestIsUnderWay_TheInstanceIsFoundAndNotCreatedAgain()
    {
        var wizard = new WizardDriver(await _stage.NewPageAsync());
        await wizard.GoToReviewAsync("Infusionsoft REST", "Killed under way");
        await wizard.GoToConsentAsync();
        await _stage.Sandbox.ClearJournalAsync();
        await _stage.Sandbox.FailNextAsync(new { match = "POST /instances", delayMilliseconds = 20_000 });
        await wizard.Button("Allow").ClickAsync();
        await Expect(wizard.Page.GetByText("The code was taken for the request to create the instance")).ToBeVisibleAsync(new() { Timeout = 15_000 });
        await _stage.Portal.KillAsync();

        // The lease of the dead process would run out in a minute; here it has run out.
        await ChangeAttemptsAsync("UPDATE Attempts SET LeaseUntil = 1, NextAt = 1 WHERE State = 'Provisioning'");
        await _stage.Portal.StartAsync();
        await ReloadAsync(wizard.Page);

        await wizard.WaitForHeadingAsync("Instance created");
        await Expect(wizard.Page.GetByText("The instance was found on the platform")).ToBeVisibleAsync();
        (await _stage.Sandbox.CountCreationsAsync()).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task Expired_BeforeThePersonComesBack_SaysSoAndStartsAgainPrefilled()
    {
        var wizard = new WizardDriver(await _stage.NewPageAsync());
        await wizard.GoToReviewAsync("Infusionsoft REST", "Too late");
        await wizard.GoToConsentAsync();
        await _stage.Portal.StopAsync();
        await ChangeAttemptsAsync("UPDATE Attempts SET ConsentExpiresAt = 1, NextAt = 1 WHERE State = 'AwaitingConsent'");
        await _stage.Portal.StartAsync();
        await _stage.Sandbox.ClearJournalAsync();

        await wizard.Button("Allow").ClickAsync();
        await wizard.WaitForHeadingAsync("This link has expired");
        (await _stage.Sandbox.CountCreationsAsync()).ShouldBe(0);

        await wizard.Button("Try again").ClickAsync();
        await wizard.WaitForHeadingAsync("Review and authorize");
        await Expect(wizard.Page.GetByText("Too late").First).ToBeVisibleAsync();
    }

    private async Task RestartUnderAsync(WizardDriver wizard, string heading)
    {
        await _stage.Portal.StopAsync();
        await _stage.Portal.StartAsync();
        await ReloadAsync(wizard.Page);
        await wizard.WaitForHeadingAsync(heading);
    }

    private static async Task ReloadAsync(IPage page)
    {
        try
        {
            await page.ReloadAsync();
        }
        catch (PlaywrightException exception) when (exception.Message.Contains("ERR_ABORTED", StringComparison.Ordinal))
        {
            // The page has come back by itself at the same moment.
        }
    }

    private async Task ChangeAttemptsAsync(string sql)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _stage.Portal.DatabaseFile, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }
}
