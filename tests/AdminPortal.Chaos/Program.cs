using System.Globalization;
using AdminPortal.Chaos.Deliver;
using AdminPortal.Chaos.Fuzz;
using AdminPortal.Chaos.Kill;
using AdminPortal.Chaos.Soak;
using AdminPortal.Chaos.Trouble;

var seed = Option("--seed") ?? Environment.TickCount;
var number = args.Length > 1 && int.TryParse(args[1], CultureInfo.InvariantCulture, out var given) ? given : (int?)null;
Console.WriteLine($"Seed {seed}");
switch (args.FirstOrDefault())
{
    case "kill":
        var killed = await new KillRun(number ?? 1000, seed, Console.Out, Option("--lanes") ?? 2).RunAsync();
        var paused = await new PauseRun(Math.Max(6, (number ?? 1000) / 20), seed, Console.Out).RunAsync();
        return Tell($"{killed}{Environment.NewLine}{paused}", [.. killed.Violations, .. paused.Violations]);
    case "pause":
        var stopped = await new PauseRun(number ?? 50, seed, Console.Out).RunAsync();
        return Tell(stopped, stopped.Violations);
    case "fuzz":
        var fuzzed = await new FuzzRun(number ?? 100_000, seed, Console.Out, Option("--only")).RunAsync();
        return Tell(fuzzed, fuzzed.Violations);
    case "soak":
        var soaked = await new SoakRun(number ?? 60, seed, Console.Out).RunAsync();
        return Tell(soaked, soaked.Findings);
    case "processes":
        return Tell("", await new DeliveryRun(number ?? 20, seed, Console.Out).RunAsync());
    case "restore":
        var restored = await new RestoreRun(number ?? 100, seed, Console.Out).RunAsync();
        return Tell(restored, restored.Violations);
    case "handles":
        var scarce = await new ScarceRun(new NoFileHandles(), number ?? 20, Console.Out).RunAsync();
        return Tell(scarce, scarce.Violations);
    case "disk":
        using (var disk = new FullDisk())
        {
            var full = await new ScarceRun(disk, number ?? 20, Console.Out).RunAsync();
            return Tell(full, full.Violations);
        }

    default:
        Console.Error.WriteLine("Say what to do: kill N, pause N, fuzz N, soak MINUTES, processes N, restore N, handles N or disk N. See tests/AdminPortal.Chaos/README.md.");
        return 2;
}

static int Tell(object result, IReadOnlyList<string> findings)
{
    foreach (var finding in findings) Console.WriteLine($"  BROKEN {finding}");
    Console.WriteLine(result);
    return findings.Count == 0 ? 0 : 1;
}

int? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
