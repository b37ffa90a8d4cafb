using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using AdminPortal.Hosting;

namespace AdminPortal.Commands;

/// <summary>The parser's help, followed by what it does not know: examples, where settings come from, and the exit codes.</summary>
internal sealed class HelpWithExitCodes(HelpAction help) : SynchronousCommandLineAction
{
    private const string Overview =
        """
        Examples:
          AdminPortal --urls http://127.0.0.1:5080   starts the portal
          AdminPortal backup <file>                  copies the database while the portal runs
          AdminPortal restore <file>                 replaces the database with a backup
          AdminPortal doctor --offline               examines settings, database and key ring

        Settings are the portal's: appsettings.json, environment variables (Portal__DataDirectory), arguments (--Portal:DataDirectory=...).
        The portal runs until it is stopped; a unit file for systemd is in the README. Load balancers ask /health/live and /health/ready.

        """;

    public override bool ClearsParseErrors => help.ClearsParseErrors;

    public override int Invoke(ParseResult parseResult)
    {
        var result = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is RootCommand) output.WriteLine(Overview);
        output.WriteLine($"Exit codes:\n{ExitCode.Table}");
        return result;
    }
}
