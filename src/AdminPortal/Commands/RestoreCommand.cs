using System.CommandLine;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Maintenance;

namespace AdminPortal.Commands;

/// <summary><c>restore</c>: replaces the database with a backup while no portal runs.</summary>
internal static class RestoreCommand
{
    public static Command Create(CommandHost host)
    {
        var file = CommandSymbols.Operand("file", "The backup.");
        var yes = CommandSymbols.Flag("--yes", "Replaces the database without asking.");
        var passphrases = new PassphraseOptions("For an encrypted backup.");
        var command = new Command("restore", "Replaces the database with a backup. Stop the portal first.") { file, yes };
        passphrases.AddTo(command);
        command.SetAction(result => host.RunAsync(services => RestoreAsync(
            services, result.GetRequiredValue(file), result.GetValue(yes),
            passphrases.IsGiven(result) || !Console.IsInputRedirected ? () => passphrases.ReadAsync(result, twice: false) : null)));
        return command;
    }

    private static async Task<int> RestoreAsync(IServiceProvider services, string file, bool isAgreed, Func<Task<string?>>? readPassphrase)
    {
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
        }, CancellationToken.None, readPassphrase);
        if (!restored.Succeeded) return await CommandHost.FailAsync(restored.Problems);

        await Console.Out.WriteLineAsync("The backup is in the database's place.");
        if (restored.Value.NotNoted is { } notNoted) await Console.Error.WriteLineAsync(notNoted);
        if (restored.Value.Kept is { } kept)
            await Console.Out.WriteLineAsync($"The database from before is kept as {kept}. Remove it when you are sure.");
        if (restored.Value.IsOlder)
            await Console.Out.WriteLineAsync("It is of an older version; the next start of the portal brings it up to date.");
        await Console.Out.WriteLineAsync(
            "Start the portal, and run a sync of each platform account: instances may have changed since the backup was made.");
        return ExitCode.Success;
    }
}
