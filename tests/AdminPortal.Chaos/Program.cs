using System.Globalization;
using AdminPortal.Chaos.Kill;

var seed = Option("--seed") ?? Environment.TickCount;
switch (args)
{
    case ["kill", var number, ..]:
        Console.WriteLine($"Seed {seed}");
        var result = await new KillRun(int.Parse(number, CultureInfo.InvariantCulture), seed, Console.Out, Option("--lanes") ?? 2).RunAsync();
        foreach (var violation in result.Violations) Console.WriteLine($"  BROKEN {violation}");
        Console.WriteLine(result);
        return result.Violations.Count == 0 ? 0 : 1;
    default:
        Console.Error.WriteLine("Say what to do: kill N. See tests/AdminPortal.Chaos/README.md.");
        return 2;
}

int? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
