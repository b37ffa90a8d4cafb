using System.CommandLine;
using AdminPortal.Domain;
using AdminPortal.Domain.Settings;
using AdminPortal.Hosting;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Commands;

/// <summary>Runs commands on the portal's services, with the same settings as the portal and without its workers.</summary>
/// <param name="settings">Settings from the command line.</param>
/// <param name="wait">The option for the time to wait.</param>
internal sealed class CommandHost(string[] settings, WaitOption wait)
{
    /// <summary>Runs a command. A failure becomes sentences and an exit code.</summary>
    public async Task<int> RunAsync(Func<IServiceProvider, Task<int>> run)
    {
        try
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory });
            builder.Logging.ClearProviders();
            builder.Services.AddProvisioning(builder.Configuration).AddMaintenance();
            await using var app = builder.Build();
            return await run(app.Services);
        }
#pragma warning disable CA1031 // Every failure becomes a sentence and an exit code; an unknown one is followed by its details.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var failure = StartFailure.From(exception);
            foreach (var reason in failure.Reasons) await Console.Error.WriteLineAsync(reason);
            if (failure.IsUnexpected) await Console.Error.WriteLineAsync(exception.ToString());
            return failure.ExitCode;
        }
    }

    /// <summary>Runs a command on the database. It checks the database's version first, and waits for another program's lock.</summary>
    /// <param name="result">The parsed command line.</param>
    /// <param name="run">The command. One that writes is repeated after a lock.</param>
    /// <param name="writes">False for a command that only reads.</param>
    public Task<int> RunOnDatabaseAsync(ParseResult result, Func<IServiceProvider, Task<int>> run, bool writes = true) => RunAsync(async services =>
    {
        var directory = DataDirectory(services);
        var databases = services.GetRequiredService<IDbContextFactory<PortalDb>>();
        var patience = new StorageWait(
            TimeSpan.FromSeconds(result.GetValue(wait)), TimeProvider.System,
            (what, seconds) => Console.Error.WriteLine($"Waiting up to {seconds} seconds (--wait) for {what}."));
        var isCurrent = await patience.RunAsync(
            directory, () => PortalDatabase.CheckVersionAsync(databases, directory, CancellationToken.None), CancellationToken.None, writes);
        if (isCurrent == false && writes)
        {
            await Console.Error.WriteLineAsync(
                "The database is of an older version. Start the portal once, which brings it up to date. Nothing was changed.");
            return ExitCode.DatabaseVersion;
        }

        // A command that reads waits by itself, and its target file exists after the first try: it is not repeated.
        return writes ? await patience.RunAsync(directory, () => run(services), CancellationToken.None) : await run(services);
    });

    /// <summary>The data directory of the settings.</summary>
    public static string DataDirectory(IServiceProvider services) =>
        PortalDatabase.DataDirectory(services.GetRequiredService<IOptions<PortalOptions>>().Value, services.GetRequiredService<IHostEnvironment>());

    /// <summary>Writes problems to the console.</summary>
    public static async Task<int> FailAsync(IEnumerable<Problem> problems)
    {
        foreach (var problem in problems) await Console.Error.WriteLineAsync(problem.Message);
        return ExitCode.Failed;
    }
}
