using System.Net;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Microsoft.Data.Sqlite;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>The database's file in trouble underneath a running portal, and the commands that look after it; a stage of their own.</summary>
public sealed class StorageTroubleTests : IAsyncLifetime
{
    private readonly Stage _stage = new();

    public ValueTask InitializeAsync() => _stage.InitializeAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Callback_DatabaseIsHeldByAnother_IsKeptByAReloadAfterwards()
    {
        var wizard = new WizardDriver(await _stage.NewPageAsync());
        await wizard.GoToReviewAsync("Infusionsoft REST", "Held up");
        await wizard.GoToConsentAsync();
        await _stage.Sandbox.ClearJournalAsync();

        await using (var other = Open())
        {
            await RunAsync(other, "BEGIN IMMEDIATE");
            await wizard.Button("Allow").ClickAsync(new() { Timeout = 60_000 });
            await Expect(wizard.Heading("Your answer could not be kept yet")).ToBeVisibleAsync(new() { Timeout = 30_000 });
            await Expect(wizard.Page.GetByText("Keep this tab open and reload it to try again.")).ToBeVisibleAsync();
            using var http = new HttpClient { BaseAddress = _stage.Portal.Address };
            (await http.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await _stage.Sandbox.CountCreationsAsync()).ShouldBe(0);
        }

        await wizard.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Try again" }).ClickAsync();
        await wizard.WaitForHeadingAsync("Instance created");
        (await _stage.Sandbox.CountCreationsAsync()).ShouldBe(1);
        _stage.Portal.Output.ShouldNotContain("Unhandled exception");
    }

    [Fact]
    public async Task Commands_BesideARunningPortal_BackUpExamineAndRestore()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "backup.db");
        var portal = _stage.Portal;

        var help = await portal.RunAsync("--help");
        help.ExitCode.ShouldBe(0);
        help.Output.ShouldContain("AdminPortal backup <file>");
        (await portal.RunAsync("bakcup", file)).ExitCode.ShouldBe(2);
        (await portal.RunAsync("backup")).ExitCode.ShouldBe(2);

        var doctor = await portal.RunAsync("doctor", "--offline");
        doctor.ExitCode.ShouldBe(0, doctor.Output);
        doctor.Output.ShouldContain("ok       key ring: It opens.");
        var backup = await portal.RunAsync("backup", file);
        backup.ExitCode.ShouldBe(0, backup.Output);
        backup.Output.ShouldContain("does not hold the key ring's certificate");
        (await portal.RunAsync("backup", file)).ExitCode.ShouldBe(1);
        var early = await portal.RunAsync("restore", file, "--yes");
        early.ExitCode.ShouldBe(1);
        early.Output.ShouldContain("A portal runs");

        // A killed process leaves no mark that would have to be cleared away.
        await portal.KillAsync();
        (await portal.RunAsync("restore", file)).Output.ShouldContain("--yes");
        var restored = await portal.RunAsync("restore", file, "--yes");
        restored.ExitCode.ShouldBe(0, restored.Output);
        Directory.GetFiles(portal.DataDirectory, "portal.db.before-restore-*").ShouldHaveSingleItem();
        await portal.StartAsync();
        new[] { doctor, backup, early, restored }.ShouldAllBe(run => !run.Output.Contains("   at ", StringComparison.Ordinal));
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _stage.Portal.DatabaseFile, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static async Task RunAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = await command.ExecuteNonQueryAsync();
    }
}
