using System.CommandLine;

namespace AdminPortal.Commands;

/// <summary>The kinds of arguments and options that the commands have in common.</summary>
internal static class CommandSymbols
{
    /// <summary>A required argument. A word that begins with a dash is a mistyped option, not its value.</summary>
    public static Argument<string> Operand(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] } token]) result.AddError($"There is no option \"{token.Value}\".");
        });
        return argument;
    }

    /// <summary>An option without a value.</summary>
    public static Option<bool> Flag(string name, string description) =>
        Once(new Option<bool>(name) { Description = description, Arity = ArgumentArity.Zero });

    /// <summary>An option with a value.</summary>
    public static Option<string> Valued(string name, string valueName, string description) =>
        Once(new Option<string>(name) { Description = description, HelpName = valueName });

    private static T Once<T>(T option)
        where T : Option
    {
        option.Validators.Add(result =>
        {
            if (result.IdentifierTokenCount > 1) result.AddError($"{option.Name} was given more than once.");
        });
        return option;
    }
}
