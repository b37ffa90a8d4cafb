using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using AdminPortal.Hosting;

namespace AdminPortal.Commands;

/// <summary>The program's command line: it starts the portal, or runs one command. Both end with one of <see cref="ExitCode"/>.</summary>
internal static class PortalCommandLine
{
    // A word with an @ is an email address, not a file with further arguments.
    private static readonly ParserConfiguration Parsing = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Runs what the command line asks for.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="startPortal">Runs the portal with settings from the command line and the time to wait for the database.</param>
    /// <param name="invocation">Where help and usage errors are written; the console unless given.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Func<string[], TimeSpan, Task<int>> startPortal, InvocationConfiguration? invocation = null)
    {
        var (settings, words) = SettingArguments.Split(arguments);
        // "help backup" is another way to say "backup --help".
        if (words is ["help", .. var topic]) words = [.. topic, "--help"];
        // The host and the caller handle signals and exceptions.
        invocation ??= new InvocationConfiguration();
        invocation.EnableDefaultExceptionHandler = false;
        invocation.ProcessTerminationTimeout = null;

        var result = Build(settings, startPortal).Parse(words, Parsing);
        if (FindMistake(result) is not { } mistake) return await result.InvokeAsync(invocation);
        var command = result.CommandResult.Command is RootCommand ? "" : result.CommandResult.Command.Name + " ";
        await invocation.Error.WriteLineAsync($"{mistake} Run \"AdminPortal {command}--help\" for the usage.");
        return ExitCode.WrongUsage;
    }

    /// <summary>The commands and their options.</summary>
    internal static RootCommand Build(string[] settings, Func<string[], TimeSpan, Task<int>> startPortal)
    {
        var wait = new WaitOption();
        var host = new CommandHost(settings, wait);
        var root = new RootCommand("Starts the portal, or runs a command on its database.")
        {
            wait,
            BackupCommand.Create(host),
            RestoreCommand.Create(host),
            DoctorCommand.Create(host),
            AcceptRecordCommand.Create(host),
            ResetSecondFactorCommand.Create(host),
            RewrapCommand.Create(host),
            ForgetSecretsCommand.Create(host),
            LetInCommand.Create(host),
        };
        // Words that the parser does not know may be settings of the host.
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction(result => startPortal([.. settings, .. result.UnmatchedTokens], TimeSpan.FromSeconds(result.GetValue(wait))));
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        return root;
    }

    private static string? FindMistake(ParseResult result)
    {
        if (result.Action is ParseErrorAction) return string.Join(' ', result.Errors.Select(error => error.Message).Distinct());
        var command = result.CommandResult.Command;
        // Help and completion work with any words.
        if (result.Action != command.Action || result.UnmatchedTokens is not [var word, ..]) return null;
        if (command is not RootCommand) return $"\"{command.Name}\" does not take \"{word}\".";
        // The configuration reads "--Key value", "/Key=value" and "Key=value".
        return word is ['-' or '/', ..] || word.Contains('=', StringComparison.Ordinal) ? null : $"There is no command \"{word}\".";
    }
}
