using System.Diagnostics;
using System.Globalization;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Chaos.Kill;

/// <summary>What a run of pauses came to.</summary>
/// <param name="Pauses">How often a process was stopped and told to go on.</param>
/// <param name="Ends">How the attempts ended.</param>
/// <param name="Violations">Every broken promise, with what is needed to see it again.</param>
/// <param name="Took">How long it took.</param>
public sealed record PauseResult(int Pauses, IReadOnlyDictionary<string, int> Ends, IReadOnlyList<string> Violations, TimeSpan Took)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Pauses} pauses, {Took.TotalSeconds:0} s; {EndsInWords}; {Violations.Count} broken promises");

    private string EndsInWords => string.Join(", ", Ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}"));
}

/// <summary>
/// Stops the portal's process (SIGSTOP) between the claim of an attempt and its request, and at the moments around the request. Another
/// process on the same database takes over after the lease and reports what it finds. Then the first one goes on (SIGCONT).
/// </summary>
public sealed class PauseRun(int pauses, int seed, TextWriter log)
{
    private const string Call = "before the call POST /elements/api-v2/instances";

    // The worker of the stopped process has the lock of no database at these.
    private static readonly string[] SafeBefore = ["after ", "before the call", "within a call"];

    private readonly List<string> _violations = [];
    private readonly Dictionary<string, int> _ends = [];
    private readonly Random _random = new(seed);

    /// <summary>Runs until so many processes were stopped.</summary>
    public async Task<PauseResult> RunAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await using var sandbox = await SandboxUnderTest.StartAsync();
        await using var portal = await PortalUnderTest.StartAsync();
        using var browser = new Browser();
        await browser.SetUpAsync(portal.Main);
        var account = await portal.Main.AccountAsync(sandbox);
        var app = await portal.Main.AppAsync();
        var points = await RecordAsync(portal, sandbox, browser, new WalkPlan { Name = "recorded", Account = account, App = app });
        await log.WriteLineAsync("Points for pauses: " + string.Join("; ", points.Select(point => $"{point.Offset} {point.Name}")));
        for (var number = 0; number < pauses; number++)
        {
            // Each of them once, so that a short run has all of them; then random ones.
            var point = number < points.Count ? points[number] : points[_random.Next(points.Count)];
            var name = string.Create(CultureInfo.InvariantCulture, $"pause {number}");
            await PauseOnceAsync(portal, sandbox, browser, new WalkPlan { Name = name, Account = account, App = app }, point);
        }

        if (await portal.IntegrityAsync() is var told && told != "ok") _violations.Add($"integrity_check: {told}");
        return new PauseResult(pauses, _ends, _violations, Stopwatch.GetElapsedTime(started));
    }

    // From the commit of the claim on, up to the moment at which the body has left. Counted from the callback.
    private static async Task<IReadOnlyList<(int Offset, string Name)>> RecordAsync(
        PortalUnderTest portal, SandboxUnderTest sandbox, Browser browser, WalkPlan plan)
    {
        var walk = new Walk(portal, sandbox, browser, plan);
        await walk.LeaveAsync();
        await portal.Main.ArmAsync();
        await walk.ReturnAsync();
        await walk.WaitForTheEndAsync();
        var names = await portal.Main.PointsAsync();
        await portal.Main.DisarmAsync();
        var call = names.ToList().IndexOf(Call);
        if (call < 0) throw new InvalidOperationException($"A walk made no call: {string.Join("; ", names)}");
        return
        [
            .. Enumerable.Range(call - 2, 5)
                .Where(at => at < names.Count && SafeBefore.Any(safe => names[at].StartsWith(safe, StringComparison.Ordinal)))
                .Select(at => (at + 1, names[at])),
        ];
    }

    private async Task PauseOnceAsync(
        PortalUnderTest portal, SandboxUnderTest sandbox, Browser browser, WalkPlan plan, (int Offset, string Name) point)
    {
        await sandbox.ClearJournalAsync();
        var walk = new Walk(portal, sandbox, browser, plan);
        await walk.LeaveAsync();
        await portal.Main.ArmStopAsync(point.Offset);
        var returning = walk.ReturnAsync();
        await UntilAsync(() => Task.FromResult(portal.Main.IsStopped), "The process does not stop.");

        // Started only now: otherwise it could be the one that claims the attempt.
        var second = await portal.StartAnotherAsync();
        try
        {
            await TakeOverAsync(portal, second, walk.AttemptId);
            await portal.ResumeAsync();
            await returning;
            // The outcome of the request, withheld or not, has been written or refused when the call is over.
            var ended = Call.Replace("before", "after", StringComparison.Ordinal);
            await UntilAsync(async () => (await portal.Main.PointsAsync()).Contains(ended), "The call does not end.");
            var report = await walk.WaitForTheEndAsync();
            var end = report.Reason is null ? report.State : $"{report.State} ({report.Reason})";
            _ends[end] = _ends.GetValueOrDefault(end) + 1;
            var wrong = await Promises.CheckAsync(portal, sandbox, report);
            if (wrong is null && !HasLeft(point) && (await sandbox.CountCreationsAsync(report.PortalTag)).CarriedOut > 0)
                wrong = "The request was carried out though the process was stopped before it left, and another one had taken over.";
            if (wrong is not null)
            {
                var history = string.Join(", ", report.History.Select(line => line.Event));
                _violations.Add($"{plan.Name}, stopped at [{point.Name}]: {wrong}; history: {history}");
                await log.WriteLineAsync($"  BROKEN {_violations[^1]}");
            }
        }
        finally
        {
            await portal.Main.DisarmAsync();
            await portal.EndAsync(second);
        }
    }

    private static bool HasLeft((int Offset, string Name) point) => point.Name.EndsWith("RequestContentStop", StringComparison.Ordinal);

    // As long as it takes until the other process has an answer of its own.
    private static async Task TakeOverAsync(PortalUnderTest portal, PortalProcess second, Guid attempt)
    {
        await portal.AdvanceWhileStoppedAsync(Walk.PastTheLease, second);
        await UntilAsync(
            async () =>
            {
                var report = await second.AttemptAsync(attempt);
                if (report.IsOver) return true;
                if (report is { State: "Ambiguous", NextAt: { } next } && next > report.Now)
                    await portal.AdvanceWhileStoppedAsync(next - report.Now + TimeSpan.FromMilliseconds(20), second);
                return false;
            },
            "The other process does not take over.");
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string otherwise)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(50)) throw new TimeoutException(otherwise);
            await Task.Delay(25);
        }
    }
}
