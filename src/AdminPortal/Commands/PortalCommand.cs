using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Hosting;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.People;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Commands;

/// <summary>What the program does instead of serving pages. It says what it does in plain sentences and ends with an exit code.</summary>
internal sealed class PortalCommand
{
    private static readonly string Help =
        $"""
        AdminPortal [--wait <seconds>]       starts the portal
        AdminPortal backup <file> [--force]  copies the database while the portal runs; --force replaces a file that is there
                    [--passphrase | --passphrase-file <file>]  encrypts the copy: asks for a passphrase, or takes a file's first line
        AdminPortal restore <file> [--yes]   puts a backup in the database's place; --yes does not ask
                    [--passphrase | --passphrase-file <file>]  for one that is encrypted
        AdminPortal doctor [--offline]       looks for what is the matter; --offline leaves the platforms alone
                    [--against <file or directory>]  compares the activity record with anchors that were kept elsewhere
        AdminPortal accept-record [--yes]    accepts a changed activity record and starts a new chain after its last row
        AdminPortal reset-second-factor <email>
                                             lets somebody sign in with the password alone who has lost app, recovery codes and passkeys
        AdminPortal rewrap                   wraps the key ring anew with the configured certificate, while the portal runs
        AdminPortal forget-secrets [--yes]   goes on without a key ring that is lost: erases what nobody can open any more
        AdminPortal let-in <email> [--administrator]
                                             prints a link that lets a person in once, whatever became of the password or of single sign-on;
                                             --administrator adds, enables or raises this person to be an administrator
        AdminPortal --help                   prints this

        Settings are the portal's: appsettings.json, environment variables (Portal__DataDirectory), arguments (--Portal:DataDirectory=...).
        --wait <seconds> (60 where it is not given): how long the start, and every command that writes, waits for another program that holds
        the database. restore does not wait for a portal: stop it first.
        The portal runs until it is stopped; a unit file for systemd is in the README. Load balancers ask /health/live and /health/ready.

        Exit codes of the start and of all commands:
        {ExitCode.Table}
        """;

    private readonly CommandLine _line;

    // An answer is kept, so that a command that is repeated because of a lock does not ask again.
    private bool _isAgreed;

    private PortalCommand(CommandLine line) => _line = line;

    private bool IsAgreed => _isAgreed || _line.Switches.Contains("--yes");

    /// <summary>The command that the arguments ask for.</summary>
    /// <returns>Null when they ask for the portal itself.</returns>
    public static PortalCommand? Find(IReadOnlyList<string> arguments) => CommandLine.Read(arguments) is { } line ? new PortalCommand(line) : null;

    public async Task<int> RunAsync()
    {
        if (_line.Name is "--help" or "-h" or "-?" or "help" || _line.Switches.Any(word => word is "--help" or "-h" or "-?"))
        {
            await Console.Out.WriteLineAsync(Help);
            return ExitCode.Success;
        }

        if (!_line.IsWaitRight) return await RefuseAsync(WaitOption.WrongUse);
        return (_line.Name, _line.Operands) switch
        {
            ("backup", [var file]) when Knows("--force") => await WithDatabaseAsync(services => BackUpAsync(services, file), writes: false),
            ("restore", [var file]) when Knows("--yes") => await WithServicesAsync(services => RestoreAsync(services, file)),
            ("doctor", []) when KnowsOfDoctor() => await WithServicesAsync(ExamineAsync),
            ("accept-record", []) when _line.Switches is [] or ["--yes"] => await WithDatabaseAsync(AcceptRecordAsync),
            ("rewrap", []) when _line.Switches is [] => await WithDatabaseAsync(WrapAsync),
            ("forget-secrets", []) when _line.Switches is [] or ["--yes"] => await WithDatabaseAsync(ForgetAsync),
            ("reset-second-factor", [var email]) when _line.Switches is [] => await WithDatabaseAsync(services => ResetFactorsAsync(services, email)),
            ("let-in", [var email]) when _line.Switches is [] or ["--administrator"] => email.Contains('@', StringComparison.Ordinal)
                ? await WithDatabaseAsync(services => LetInAsync(services, email.Trim()))
                : await RefuseAsync($"\"{email}\" is not an email address."),
            ("backup" or "restore" or "doctor" or "accept-record" or "rewrap" or "forget-secrets" or "reset-second-factor" or "let-in", _) => await RefuseAsync($"\"{_line.Name}\" was given too little, too much, or a switch that it does not know."),
            _ => await RefuseAsync($"There is no command \"{_line.Name}\"."),
        };
    }

    // One switch of the command's own, and one way to a passphrase.
    private bool Knows(string own)
    {
        var passphrases = _line.Switches.Count(IsPassphrase);
        var others = _line.Switches.Where(word => !IsPassphrase(word)).ToList();
        return passphrases < 2 && others is [] or [_] && others.TrueForAll(word => word == own);
    }

    private bool KnowsOfDoctor() =>
        _line.Switches.All(word => word == "--offline" || IsAgainst(word)) && _line.Switches.Count(IsAgainst) < 2 && _line.Switches.Count(word => word == "--offline") < 2;

    private static bool IsAgainst(string word) => word.StartsWith(CommandLine.Against + "=", StringComparison.Ordinal);

    private static bool IsPassphrase(string word) => word == "--passphrase" || word.StartsWith(CommandLine.PassphraseFile + "=", StringComparison.Ordinal);

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync($"{sentence}\n\n{Help}");
        return ExitCode.WrongUsage;
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
#pragma warning disable CA1031 // Every failure becomes a sentence and an exit code; of one that is not known, the details follow.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var failure = StartFailure.From(exception);
            foreach (var reason in failure.Reasons) await Console.Error.WriteLineAsync(reason);
            if (failure.IsUnexpected) await Console.Error.WriteLineAsync(exception.ToString());
            return failure.ExitCode;
        }
    }

    // The same, for a command on the database: its version is checked first. It waits for another program's lock.
    private Task<int> WithDatabaseAsync(Func<IServiceProvider, Task<int>> run, bool writes = true) => WithServicesAsync(async services =>
    {
        var directory = PortalDatabase.DataDirectory(services.GetRequiredService<IOptions<PortalOptions>>().Value, services.GetRequiredService<IHostEnvironment>());
        var databases = services.GetRequiredService<IDbContextFactory<PortalDb>>();
        var wait = new StorageWait(_line.Wait, TimeProvider.System, (what, seconds) => Console.Error.WriteLine($"Waiting up to {seconds} seconds (--wait) for {what}."));
        var isCurrent = await wait.RunAsync(directory, () => PortalDatabase.CheckVersionAsync(databases, directory, CancellationToken.None), CancellationToken.None, writes);
        if (isCurrent == false && writes)
        {
            await Console.Error.WriteLineAsync("The database is of an older version. Start the portal once, which brings it up to date. Nothing was changed.");
            return ExitCode.DatabaseVersion;
        }

        // A command that writes is repeated when it meets a lock. One that reads waits by itself, and its file exists after the first try.
        return writes ? await wait.RunAsync(directory, () => run(services), CancellationToken.None) : await run(services);
    });

    private async Task<int> BackUpAsync(IServiceProvider services, string file)
    {
        string? passphrase = null;
        if (_line.Switches.Any(IsPassphrase) && string.IsNullOrEmpty(passphrase = await FindPassphraseAsync(twice: true))) return ExitCode.Failed;
        var (made, anchor) = await services.GetRequiredService<RecordAnchorCommand>().WriteAroundAsync(
            file, () => services.GetRequiredService<BackupService>().WriteAsync(file, _line.Switches.Contains("--force"), CancellationToken.None, passphrase), CancellationToken.None);
        if (!made.Succeeded) return await TellAsync(made.Problems);
        await Console.Out.WriteLineAsync(anchor.Succeeded ? $"The anchor of the activity record is {anchor.Value}. Keep a copy of it elsewhere." : anchor.Problems[0].Message);
        await Console.Out.WriteLineAsync(
            $"""
            The backup is {Path.GetFullPath(file)}. It passed SQLite's integrity check.
            It holds {made.Value}, the record of what was done, and the key ring.{(passphrase is null ? "" : " It is encrypted: without the passphrase nobody can restore it, you neither.")}
            It does not hold the key ring's certificate (Portal:KeyRing:CertificatePath): keep that apart. Without it no secret in the backup opens.
            """);
        return ExitCode.Success;
    }

    private async Task<int> RestoreAsync(IServiceProvider services, string file)
    {
        var isAgreed = _line.Switches.Contains("--yes");
        if (!isAgreed && Console.IsInputRedirected)
        {
            await Console.Error.WriteLineAsync("There is no terminal to ask at. Say --yes if the database shall be replaced. Nothing was changed.");
            return ExitCode.Failed;
        }

        var restored = await services.GetRequiredService<RestoreService>().RestoreAsync(file, async contents =>
        {
            await Console.Out.WriteLineAsync($"The backup is good. It holds {contents}.");
            if (isAgreed) return true;
            await Console.Out.WriteAsync("Replace the database with it? What was saved after the backup is then only in the kept file. [y/N] ");
            return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
        }, CancellationToken.None, _line.Switches.Any(IsPassphrase) || !Console.IsInputRedirected ? () => FindPassphraseAsync(twice: false) : null);
        if (!restored.Succeeded) return await TellAsync(restored.Problems);

        await Console.Out.WriteLineAsync("The backup is in the database's place.");
        if (restored.Value.NotNoted is { } notNoted) await Console.Error.WriteLineAsync(notNoted);
        if (restored.Value.Kept is { } kept) await Console.Out.WriteLineAsync($"The database from before is kept as {kept}. Remove it when you are sure.");
        if (restored.Value.IsOlder) await Console.Out.WriteLineAsync("It is of an older version; the next start of the portal brings it up to date.");
        await Console.Out.WriteLineAsync("Start the portal, and run a sync of each platform account: instances may have changed since the backup was made.");
        return ExitCode.Success;
    }

    private async Task<int> AcceptRecordAsync(IServiceProvider services)
    {
        if (!IsAgreed && Console.IsInputRedirected)
        {
            await Console.Error.WriteLineAsync("There is no terminal to ask at. Say --yes if the record shall be accepted as it is. Nothing was changed.");
            return ExitCode.Failed;
        }

        var accepted = await services.GetRequiredService<RecordAcceptance>().RunAsync(async problems =>
        {
            foreach (var problem in problems) await Console.Out.WriteLineAsync(problem);
            await Console.Out.WriteLineAsync("A copy of the database is kept. A new chain with a new key begins behind the last row; existing rows stay but can no longer be verified.");
            if (IsAgreed) return true;
            await Console.Out.WriteAsync("Type \"accept\" to go on: ");
            return _isAgreed = Console.ReadLine()?.Trim() is "accept";
        }, CancellationToken.None);
        if (!accepted.Succeeded) return await TellAsync(accepted.Problems);
        await Console.Out.WriteLineAsync($"The record was accepted. The database from before is kept as {accepted.Value}: it is the evidence. If the key ring was changed too, rotate the key and remove the old keys on the page Keys.");
        return ExitCode.Success;
    }

    private static async Task<int> WrapAsync(IServiceProvider services)
    {
        var wrapped = await services.GetRequiredService<KeyWrapping>().RunAsync(Actor.Portal, CancellationToken.None);
        if (!wrapped.Succeeded) return await TellAsync(wrapped.Problems);
        await Console.Out.WriteLineAsync(wrapped.Value == 0
            ? "Every key is wrapped by the configured certificate already."
            : $"{wrapped.Value} {(wrapped.Value == 1 ? "key is" : "keys are")} wrapped by the configured certificate now. The former one is not needed any more: take Portal:KeyRing:PreviousCertificatePath out, and keep the former certificate with the backups from before.");
        return ExitCode.Success;
    }

    private async Task<int> ForgetAsync(IServiceProvider services)
    {
        if (!IsAgreed && Console.IsInputRedirected)
        {
            await Console.Error.WriteLineAsync("There is no terminal to ask at. Say --yes if the secrets shall be forgotten. Nothing was changed.");
            return ExitCode.Failed;
        }

        var forgotten = await services.GetRequiredService<SecretsForgetting>().RunAsync(async count =>
        {
            await Console.Out.WriteLineAsync($"The key ring does not open. {count} sealed values are erased; everything else remains. A copy of the database is made first.");
            if (IsAgreed) return true;
            await Console.Out.WriteAsync("Type \"forget\" to go on: ");
            return _isAgreed = Console.ReadLine()?.Trim() is "forget";
        }, CancellationToken.None);
        if (!forgotten.Succeeded) return await TellAsync(forgotten.Problems);
        await Console.Out.WriteLineAsync(
            $"""
            {forgotten.Value.Erased} values were erased. The database from before is kept as {forgotten.Value.Kept}: should the certificate turn up, restore it.
            Start the portal. Enter the organization and user secrets of the platform accounts anew and the client secrets of the provider apps,
            then run a sync of each account: it reads the instances' tokens from the platform.
            """);
        return ExitCode.Success;
    }

    // Never an argument: the list of processes shows those.
    private async Task<string?> FindPassphraseAsync(bool twice)
    {
        if (_line.Switches.FirstOrDefault(word => word.StartsWith(CommandLine.PassphraseFile, StringComparison.Ordinal)) is { } named)
        {
            try
            {
                return BackupPassphrase.ReadFile(named[(CommandLine.PassphraseFile.Length + 1)..]);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                await Console.Error.WriteLineAsync("The file of --passphrase-file cannot be read. Name a file whose first line is the passphrase.");
                return null;
            }
        }

        if (Console.IsInputRedirected)
        {
            await Console.Error.WriteLineAsync("There is no terminal to ask for the passphrase at. Say --passphrase-file <file>.");
            return null;
        }

        var passphrase = await AskUnseenAsync("Passphrase: ");
        if (!twice || passphrase == await AskUnseenAsync("The same once more: ")) return passphrase;
        await Console.Error.WriteLineAsync("The two are not the same. Nothing was done.");
        return null;
    }

    private static async Task<string> AskUnseenAsync(string question)
    {
        await Console.Error.WriteAsync(question);
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }

        await Console.Error.WriteLineAsync();
        return typed.ToString();
    }

    private async Task<int> ExamineAsync(IServiceProvider services)
    {
        var (warnings, problems) = (0, 0);
        var against = _line.Switches.FirstOrDefault(IsAgainst) is { } named ? named[(CommandLine.Against.Length + 1)..] : null;
        await foreach (var finding in services.GetRequiredService<Doctor>().ExamineAsync(_line.Switches.Contains("--offline"), CancellationToken.None, against))
        {
            var word = finding.Level switch { FindingLevel.Ok => "ok", FindingLevel.Warning => "warning", _ => "problem" };
            await Console.Out.WriteLineAsync($"{word,-8} {finding.Topic}: {finding.Text}{(finding.Remedy is null ? "" : $" {finding.Remedy}")}");
            if (finding.Level == FindingLevel.Warning) warnings++;
            if (finding.Level == FindingLevel.Problem) problems++;
        }

        await Console.Out.WriteLineAsync($"{problems} {(problems == 1 ? "problem" : "problems")}, {warnings} {(warnings == 1 ? "warning" : "warnings")}.");
        return problems == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    private static async Task<int> ResetFactorsAsync(IServiceProvider services, string email)
    {
        var reset = await services.GetRequiredService<FactorReset>().RunAsync(email, CancellationToken.None);
        if (!reset.Succeeded) return await TellAsync(reset.Problems);
        await Console.Out.WriteLineAsync($"The second factor of {reset.Value} was reset, and the person's sessions end. The password was not changed: it lets in by itself now.");
        return ExitCode.Success;
    }

    private async Task<int> LetInAsync(IServiceProvider services, string email)
    {
        var options = services.GetRequiredService<IOptions<PortalOptions>>().Value;
        var directory = PortalDatabase.DataDirectory(options, services.GetRequiredService<IHostEnvironment>());
        if (!File.Exists(Path.Combine(directory, PortalDatabase.FileName)))
        {
            await Console.Error.WriteLineAsync($"There is no database in {directory}. Start the portal once, which makes it, or set Portal:DataDirectory to the one that the portal uses.");
            return ExitCode.Failed;
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
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SecretUnreadableException || StorageProblems.Find(exception) is not null)
        {
            await Console.Error.WriteLineAsync($"No link was made: the database could not be written, or its key ring does not open. Start the portal once, so that the database is up to date, and run \"AdminPortal doctor\": it says more. ({exception.GetType().Name})");
            return ExitCode.Failed;
        }
    }

    private static async Task<int> TellAsync(IEnumerable<Problem> problems)
    {
        foreach (var problem in problems) await Console.Error.WriteLineAsync(problem.Message);
        return ExitCode.Failed;
    }
}
