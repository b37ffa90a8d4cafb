namespace AdminPortal.Commands;

/// <summary>A command line, taken apart: the command, what it is given, its switches, and settings as the portal takes them.</summary>
/// <param name="Name">The command's name.</param>
/// <param name="Operands">The words that stand alone.</param>
/// <param name="Switches">The words that begin with two dashes.</param>
/// <param name="Settings">Everything that is a setting, for the configuration.</param>
/// <param name="Wait">How long to wait for another program that holds the database.</param>
/// <param name="IsWaitRight">Whether <see cref="WaitOption"/> is absent or has a number.</param>
internal sealed record CommandLine(string Name, IReadOnlyList<string> Operands, IReadOnlyList<string> Switches, string[] Settings, TimeSpan Wait, bool IsWaitRight)
{
    /// <summary>A switch with a value: a file whose first line is a passphrase.</summary>
    public const string PassphraseFile = "--passphrase-file";

    /// <summary>A switch with a value: a file or directory with anchors of the activity record.</summary>
    public const string Against = "--against";

    private static readonly string[] WithValue = [PassphraseFile, Against];

    /// <summary>Takes the arguments apart.</summary>
    /// <returns>Null where they are settings alone: then the portal itself is meant.</returns>
    public static CommandLine? Read(IReadOnlyList<string> line)
    {
        var isWaitRight = WaitOption.TryTake(line, out var arguments, out var wait);
        if (arguments is not [var name, ..] || (IsOption(name) && name is not ("--help" or "-h" or "-?"))) return null;
        // "Key=value" is a setting as well.
        if (name.Contains('=', StringComparison.Ordinal) || name.StartsWith('/')) return null;

        List<string> operands = [];
        List<string> switches = [];
        List<string> settings = [];
        for (var i = 1; i < arguments.Length; i++)
        {
            var word = arguments[i];
            if (Array.Find(WithValue, name => word == name || word.StartsWith(name + "=", StringComparison.Ordinal)) is { } valued)
            {
                // Its value may be a path with a colon, which is no setting.
                var value = word.Length > valued.Length ? word[(valued.Length + 1)..] : i + 1 < arguments.Length ? arguments[++i] : "";
                switches.Add($"{valued}={value}");
            }
            else if (!IsOption(word))
            {
                operands.Add(word);
            }
            else if (!IsSetting(word))
            {
                switches.Add(word);
            }
            else
            {
                settings.Add(word);
                if (!word.Contains('=', StringComparison.Ordinal) && i + 1 < arguments.Length) settings.Add(arguments[++i]);
            }
        }

        return new CommandLine(name, operands, switches, [.. settings], wait, isWaitRight);
    }

    private static bool IsOption(string word) => word.StartsWith('-');

    private static bool IsSetting(string word) => word.Contains(':', StringComparison.Ordinal) || word.StartsWith("--environment", StringComparison.OrdinalIgnoreCase);
}
