using System.CommandLine;
using System.Globalization;
using AdminPortal.Storage;

namespace AdminPortal.Commands;

/// <summary>The option <c>--wait</c>: for how many seconds a start or a command waits for another program that holds the database.</summary>
internal sealed class WaitOption : Option<int>
{
    private const int Longest = 24 * 60 * 60;

    public WaitOption()
        : base("--wait")
    {
        Description = "How long the start, and every command that writes, waits for another program that holds the database, in seconds "
            + "from 0 to 86400. \"restore\" does not wait for a portal: stop it first.";
        HelpName = "seconds";
        Recursive = true;
        // A missing number is reported by the parser below, with the same sentence as a wrong one.
        Arity = ArgumentArity.ZeroOrOne;
        DefaultValueFactory = _ => (int)StorageWait.Usual.TotalSeconds;
        Validators.Add(result =>
        {
            if (result.Implicit || (result.Tokens is [var token] && IsValid(token.Value))) return;
            result.AddError("--wait takes a whole number of seconds from 0 to 86400, for example: --wait 120.");
        });
        CustomParser = result => result.Tokens is [var token] && IsValid(token.Value) ? int.Parse(token.Value, CultureInfo.InvariantCulture) : 0;
    }

    private static bool IsValid(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Longest;
}
