using System.Globalization;
using AdminPortal.Storage;

namespace AdminPortal.Commands;

/// <summary>The option <c>--wait</c>: for how many seconds a start or a command waits for another program that holds the database.</summary>
internal static class WaitOption
{
    public const string Name = "--wait";

    public const string WrongUse = "--wait takes a whole number of seconds from 0 to 86400, for example: --wait 120.";

    private const int Most = 24 * 60 * 60;

    /// <summary>Takes the option out of a command line.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="others">Everything else.</param>
    /// <param name="wait">How long to wait; the usual time where the option is not there.</param>
    /// <returns>Whether the option is absent or has a number.</returns>
    public static bool TryTake(IReadOnlyList<string> arguments, out string[] others, out TimeSpan wait)
    {
        List<string> rest = [];
        wait = StorageWait.Usual;
        var isRight = true;
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            if (word != Name && !word.StartsWith(Name + "=", StringComparison.Ordinal))
            {
                rest.Add(word);
                continue;
            }

            var value = word.Length > Name.Length ? word[(Name.Length + 1)..] : i + 1 < arguments.Count ? arguments[++i] : "";
            isRight &= int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Most;
            wait = TimeSpan.FromSeconds(seconds);
        }

        others = [.. rest];
        return isRight;
    }
}
