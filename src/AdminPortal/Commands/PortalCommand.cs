using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.People;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.Extensions.Options;

namespace AdminPortal.Commands;

/// <summary>What the program does instead of serving pages. It says what it does in plain sentences and ends with an exit code.</summary>
internal sealed class PortalCommand
{
    /// <summary>All is well.</summary>
    public const int Fine = 0;

    /// <summary>Something was found, or did not succeed; what, stands on the console.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not one of ours.</summary>
    public const int WrongUsage = 2;

    private const string Help =
        """
        AdminPortal                          starts the portal
        AdminPortal backup <file> [--force]  copies the database while the portal runs; --force replaces a file that is there
        AdminPortal restore <file> [--yes]   puts a backup in the database's place; --yes does not ask
        AdminPortal doctor [--offline]       looks for what is the matter; --offline leaves the platforms alone
        AdminPortal let-in <email> [--administrator]
                                             prints a link that lets a person in once, whatever became of the password or of single sign-on;
                                             --administrator adds, enables or raises this person to be an administrator
        AdminPortal --help                   prints this

        Settings are the portal's: appsettings.json, environment variables (Portal__DataDirectory), arguments (--Portal:DataDirectory=...).
        Exit codes: 0 all is well; 1 a problem was found, or it did not succeed; 2 wrong usage.
        """;

    private readonly CommandLine _line;

    private PortalCommand(CommandLine line) => _line = line;

    /// <summary>The command that the arguments ask for.</summary>
    /// <returns>Null when they ask for the portal itself.</returns>
    public static PortalCommand? Find(IReadOnlyList<string> arguments) => CommandLine.Read(arguments) is { } line ? new PortalCommand(line) : null;

    public async Task<int> RunAsync()
    {
        if (_line.Name is "--help" or "-h" or "-?" or "help" || _line.Switches.Any(word => word is "--help" or "-h" or "-?"))
        {
            await Console.Out.WriteLineAsync(Help);
            return Fine;
        }

        return (_line.Name, _line.Operands, _line.Switches) switch
        {
            ("backup", [var file], [] or ["--force"]) => await WithServicesAsync(services => BackUpAsync(services, file)),
            ("restore", [var file], [] or ["--yes"]) => await WithServicesAsync(services => RestoreAsync(services, file)),
            ("doctor", [], [] or ["--offline"]) => await WithServicesAsync(ExamineAsync),
            ("let-in", [var email], [] or ["--administrator"]) when ConsoleLinks.IsEmail(email.Trim()) => await WithServicesAsync(services => LetInAsync(services, email.Trim())),
            ("let-in", [var email], [] or ["--administrator"]) => await RefuseAsync($"\"{email}\" is not an email address."),
            ("backup" or "restore" or "doctor" or "let-in", _, _) => await RefuseAsync($"\"{_line.Name}\" was given too little, too much, or a switch that it does not know."),
            _ => await RefuseAsync($"There is no command \"{_line.Name}\"."),
        };
    }

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync($"{sentence}\n\n{Help}");
        return WrongUsage;
    }

    // The same settings from the same places as the portal's, and none of its workers: nothing is started.
    private async Task<int> WithServicesAsync(Func<IServiceProvider, Task<int>> run)
    {
        try
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = _line.Settings, ContentRootPath = AppContext.BaseDirectory });
            builder.Logging.ClearProviders();
            builder.Services.AddProvisioning(builder.Configuration).AddMaintenance();
            await using var app = builder.Build();
            return await run(app.Services);
        }
        catch (OptionsValidationException exception)
        {
            foreach (var failure in exception.Failures) await Console.Error.WriteLineAsync(failure);
        }
        catch (Exception exception) when (exception is InvalidOperationException or InvalidDataException or FormatException)
        {
            await Console.Error.WriteLineAsync($"The settings cannot be used. {exception.Message}");
        }

        return Failed;
    }

    private async Task<int> BackUpAsync(IServiceProvider services, string file)
    {
        var made = await services.GetRequiredService<BackupService>().WriteAsync(file, _line.Switches.Contains("--force"), CancellationToken.None);
        if (!made.Succeeded) return await TellAsync(made.Problems);
        await Console.Out.WriteLineAsync(
            $"""
            The backup is {Path.GetFullPath(file)}. It passed SQLite's integrity check.
            It holds {made.Value}, the record of what was done, and the key ring.
            It does not hold the key ring's certificate (Portal:KeyRing:CertificatePath): keep that apart. Without it no secret in the backup opens.
            """);
        return Fine;
    }

    private async Task<int> RestoreAsync(IServiceProvider services, string file)
    {
        var isAgreed = _line.Switches.Contains("--yes");
        if (!isAgreed && Console.IsInputRedirected)
        {
            await Console.Error.WriteLineAsync("There is no terminal to ask at. Say --yes if the database shall be replaced. Nothing was changed.");
            return Failed;
        }

        var restored = await services.GetRequiredService<RestoreService>().RestoreAsync(file, async contents =>
        {
            await Console.Out.WriteLineAsync($"The backup is good. It holds {contents}.");
            if (isAgreed) return true;
            await Console.Out.WriteAsync("Replace the database with it? What was saved after the backup is then only in the kept file. [y/N] ");
            return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
        }, CancellationToken.None);
        if (!restored.Succeeded) return await TellAsync(restored.Problems);

        await Console.Out.WriteLineAsync("The backup is in the database's place.");
        if (restored.Value.Kept is { } kept) await Console.Out.WriteLineAsync($"The database from before is kept as {kept}. Remove it when you are sure.");
        if (restored.Value.IsOlder) await Console.Out.WriteLineAsync("It is of an older version; the next start of the portal brings it up to date.");
        await Console.Out.WriteLineAsync("Start the portal, and run a sync of each platform account: instances may have changed since the backup was made.");
        return Fine;
    }

    private async Task<int> ExamineAsync(IServiceProvider services)
    {
        var (warnings, problems) = (0, 0);
        await foreach (var finding in services.GetRequiredService<Doctor>().ExamineAsync(_line.Switches.Contains("--offline"), CancellationToken.None))
        {
            var word = finding.Level switch { FindingLevel.Ok => "ok", FindingLevel.Warning => "warning", _ => "problem" };
            await Console.Out.WriteLineAsync($"{word,-8} {finding.Topic}: {finding.Text}{(finding.Remedy is null ? "" : $" {finding.Remedy}")}");
            if (finding.Level == FindingLevel.Warning) warnings++;
            if (finding.Level == FindingLevel.Problem) problems++;
        }

        await Console.Out.WriteLineAsync($"{problems} {(problems == 1 ? "problem" : "problems")}, {warnings} {(warnings == 1 ? "warning" : "warnings")}.");
        return problems == 0 ? Fine : Failed;
    }

    private async Task<int> LetInAsync(IServiceProvider services, string email)
    {
        var options = services.GetRequiredService<IOptions<PortalOptions>>().Value;
        var directory = PortalDatabase.DataDirectory(options, services.GetRequiredService<IHostEnvironment>());
        if (!File.Exists(Path.Combine(directory, PortalDatabase.FileName)))
        {
            await Console.Error.WriteLineAsync($"There is no database in {directory}. Start the portal once, which makes it, or set Portal:DataDirectory to the one that the portal uses.");
            return Failed;
        }

        try
        {
            var made = await services.GetRequiredService<ConsoleLinks>().MakeAsync(email, _line.Switches.Contains("--administrator"), CancellationToken.None);
            if (!made.Succeeded) return await TellAsync(made.Problems);
            // To the console itself, as the setup link: it is a key.
            await Console.Out.WriteLineAsync(
                $"""
                This link lets {made.Value.Email} in, once, until {made.Value.ExpiresAt:yyyy-MM-dd HH:mm} UTC:
                {made.Value.Url}
                The portal has to run for it. What was done stands in the activity record.
                """);
            return Fine;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SecretUnreadableException || StorageProblems.Find(exception) is not null)
        {
            await Console.Error.WriteLineAsync($"No link was made: the database could not be written, or its key ring does not open. Start the portal once, so that the database is up to date, and run \"AdminPortal doctor\": it says more. ({exception.GetType().Name})");
            return Failed;
        }
    }

    private static async Task<int> TellAsync(IEnumerable<Problem> problems)
    {
        foreach (var problem in problems) await Console.Error.WriteLineAsync(problem.Message);
        return Failed;
    }
}
