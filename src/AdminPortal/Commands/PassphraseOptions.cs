using System.CommandLine;
using System.Text;
using AdminPortal.Provisioning.Maintenance;

namespace AdminPortal.Commands;

/// <summary>The passphrase of a backup: asked for with <c>--passphrase</c>, or read from a file with <c>--passphrase-file</c>.</summary>
internal sealed class PassphraseOptions
{
    private readonly Option<bool> _ask;
    private readonly Option<string> _file;

    /// <param name="purpose">What the passphrase is for, as the help says it.</param>
    public PassphraseOptions(string purpose)
    {
        _ask = CommandSymbols.Flag("--passphrase", $"{purpose} Asks for the passphrase.");
        _file = CommandSymbols.Valued("--passphrase-file", "file", $"{purpose} The passphrase is the first line of this file.");
    }

    public void AddTo(Command command)
    {
        command.Add(_ask);
        command.Add(_file);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_ask) is { Implicit: false } && result.GetResult(_file) is { Implicit: false })
                result.AddError("--passphrase and --passphrase-file exclude each other.");
        });
    }

    /// <summary>True if the command line has one of the two options.</summary>
    public bool IsGiven(ParseResult result) => result.GetValue(_ask) || result.GetValue(_file) is not null;

    /// <summary>Reads the passphrase.</summary>
    /// <param name="result">The parsed command line.</param>
    /// <param name="twice">True to ask for it again, for a new passphrase.</param>
    /// <returns>The passphrase, or null if it could not be read. In that case the reason was written to the console.</returns>
    public async Task<string?> ReadAsync(ParseResult result, bool twice)
    {
        if (result.GetValue(_file) is { } file)
        {
            try
            {
                return BackupPassphrase.ReadFile(file);
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
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }

        await Console.Error.WriteLineAsync();
        return typed.ToString();
    }
}
