using System.CommandLine;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Maintenance;

namespace AdminPortal.Commands;

/// <summary><c>backup</c>: copies the database while the portal runs.</summary>
internal static class BackupCommand
{
    public static Command Create(CommandHost host)
    {
        var file = CommandSymbols.Operand("file", "The file to write.");
        var force = CommandSymbols.Flag("--force", "Replaces an existing file.");
        var passphrases = new PassphraseOptions("Encrypts the copy.");
        var command = new Command("backup", "Copies the database while the portal runs.") { file, force };
        passphrases.AddTo(command);
        command.SetAction(result => host.RunOnDatabaseAsync(
            result,
            async services =>
            {
                string? passphrase = null;
                if (passphrases.IsGiven(result) && string.IsNullOrEmpty(passphrase = await passphrases.ReadAsync(result, twice: true))) return ExitCode.Failed;
                return await WriteAsync(services, result.GetRequiredValue(file), result.GetValue(force), passphrase);
            },
            writes: false));
        return command;
    }

    private static async Task<int> WriteAsync(IServiceProvider services, string file, bool replaces, string? passphrase)
    {
        var backups = services.GetRequiredService<BackupService>();
        var (made, anchor) = await services.GetRequiredService<RecordAnchorCommand>().WriteAroundAsync(
            file, () => backups.WriteAsync(file, replaces, CancellationToken.None, passphrase), CancellationToken.None);
        if (!made.Succeeded) return await CommandHost.FailAsync(made.Problems);
        await Console.Out.WriteLineAsync(anchor.Succeeded
            ? $"The anchor of the activity record is {anchor.Value}. Keep a copy of it elsewhere."
            : anchor.Problems[0].Message);
        await Console.Out.WriteLineAsync(
            $"""
            The backup is {Path.GetFullPath(file)}. It passed SQLite's integrity check.
            It holds {made.Value}, the activity record, and the key ring.{(passphrase is null ? "" : " It is encrypted: without the passphrase it cannot be restored.")}
            It does not hold the key ring's certificate (Portal:KeyRing:CertificatePath): keep that apart. Without it no secret in the backup opens.
            """);
        return ExitCode.Success;
    }
}
