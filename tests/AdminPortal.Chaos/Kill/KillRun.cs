using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Chaos.Kill;

/// <summary>What a run of kills came to.</summary>
/// <param name="Kills">How often a process was killed.</param>
/// <param name="Walks">How many attempts were walked, with those in which the chosen point was not reached.</param>
/// <param name="Points">How many different points processes died at.</param>
/// <param name="Ends">How the attempts ended.</param>
/// <param name="Violations">Every broken promise, with what is needed to see it again.</param>
/// <param name="Took">How long it took.</param>
public sealed record KillResult(
    int Kills, int Walks, int Points, IReadOnlyDictionary<string, int> Ends, IReadOnlyList<string> Violations, TimeSpan Took)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kills} kills in {Walks} attempts at {Points} different points and at random moments, {Took.TotalSeconds:0} s; {string.Join(", ", Ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}"))}; {Violations.Count} broken promises");
}

/// <summary>
/// Kills the portal at every point of an attempt, starts it again, lets the person go on, and looks at what came of it.
/// Each lane has a portal and a sandbox of its own; the last lane's portal runs in two processes on one database.
/// </summary>
public sealed class KillRun(int kills, int seed, TextWriter log, int lanes = 2, bool pair = true)
{
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentDictionary<string, int> _ends = new();
    private readonly ConcurrentDictionary<string, int> _points = new();
    private readonly Lock _gate = new();
    private Queue<(Shape Shape, int Point)> _chosen = new();
    private Random _random = new(seed);
    private long _started;
    private int _kills;
    private int _walks;

    /// <summary>Runs until so many processes were killed.</summary>
    public async Task<KillResult> RunAsync()
    {
        _started = Stopwatch.GetTimestamp();
        _random = new Random(seed);
        _ = await Programs.PublishedAsync();
        var open = await Task.WhenAll(Enumerable.Range(0, lanes).Select(number => Lane.OpenAsync(this, number, pair && number == lanes - 1)));
        try
        {
            // Where the points are: of each shape from a walk that nothing happens to.
            var recorded = new List<(Shape Shape, int Points)>();
            foreach (var shape in Shape.All) recorded.Add((shape, await open[0].RecordAsync(shape)));
            await log.WriteLineAsync("Points: " + string.Join("; ", recorded.Select(one => $"{one.Shape.Name} {one.Points}")));
            _chosen = Choose(recorded);
            await Task.WhenAll(open.Select(lane => lane.RunAsync()));
            foreach (var lane in open)
            {
                if (await lane.Portal.IntegrityAsync() is var told && told != "ok") _violations.Enqueue($"integrity_check of lane {lane.Number}: {told}");
            }
        }
        finally
        {
            foreach (var lane in open) await lane.DisposeAsync();
        }

        return new KillResult(_kills, _walks, _points.Count, _ends.ToDictionary(), [.. _violations], Stopwatch.GetElapsedTime(_started));
    }

    // Every point of every shape where there are kills enough, else some of them; then random ones (0: at a random moment).
    private Queue<(Shape Shape, int Point)> Choose(List<(Shape Shape, int Points)> recorded)
    {
        var all = recorded.SelectMany(one => Enumerable.Range(1, one.Points).Select(point => (one.Shape, Point: point))).ToArray();
        _random.Shuffle(all);
        var moments = Math.Max(1, kills / 10);
        var some = all.Take(kills - moments).Concat(Enumerable.Range(0, moments).Select(_ => (Shape: Shape.All[_random.Next(Shape.All.Count)], Point: 0))).ToArray();
        _random.Shuffle(some);
        var chosen = new Queue<(Shape, int)>(some);
        while (chosen.Count < kills * 2)
        {
            var (shape, points) = recorded[_random.Next(recorded.Count)];
            chosen.Enqueue((shape, _random.Next(4) == 0 ? 0 : _random.Next(1, points + 1)));
        }

        return chosen;
    }

    private bool TryNext(out (int Number, Shape Shape, int Point, int Again, TimeSpan Moment) next)
    {
        lock (_gate)
        {
            next = default;
            if (_kills >= kills || !_chosen.TryDequeue(out var chosen)) return false;
            // One in four recoveries is killed as well, somewhere.
            next = (++_walks, chosen.Shape, chosen.Point, _random.Next(4) == 0 ? _random.Next(1, 15) : 0, TimeSpan.FromMilliseconds(_random.Next(400)));
            return true;
        }
    }

    private sealed class Lane(KillRun run, int number, PortalUnderTest portal, SandboxUnderTest sandbox) : IAsyncDisposable
    {
        private readonly Browser _browser = new();
        private PortalProcess? _second;
        private Guid _account;
        private Guid _app;

        public int Number => number;

        public PortalUnderTest Portal => portal;

        public static async Task<Lane> OpenAsync(KillRun run, int number, bool pair)
        {
            var sandbox = await SandboxUnderTest.StartAsync();
            var lane = new Lane(run, number, await PortalUnderTest.StartAsync(), sandbox);
            await lane._browser.SetUpAsync(lane.Portal.Main);
            lane._account = await lane.Portal.Main.AccountAsync(sandbox);
            lane._app = await lane.Portal.Main.AppAsync();
            if (pair) lane._second = await lane.Portal.StartAnotherAsync();
            return lane;
        }

        public async Task<int> RecordAsync(Shape shape)
        {
            await portal.Main.ArmAsync();
            await PrepareAsync(shape);
            var report = await new Walk(portal, sandbox, _browser, Plan(shape, $"recorded {shape.Name}")).RunAsync();
            await portal.Main.DisarmAsync();
            if (await Promises.CheckAsync(portal, sandbox, report) is { } wrong) run._violations.Enqueue($"without any kill, {shape.Name}: {wrong}");
            return (await portal.Main.PointsAsync()).Count;
        }

        public async Task RunAsync()
        {
            while (run.TryNext(out var next))
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"lane {number} walk {next.Number}");
                var killed = new List<string>();
                string? wrong;
                AttemptReport? report = null;
                try
                {
                    await PrepareAsync(next.Shape);
                    (report, wrong) = await WalkAsync(name, next.Shape, next.Point, next.Again, next.Moment, killed);
                }
#pragma warning disable CA1031 // Whatever goes wrong in one walk is its result; the others go on.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    wrong = $"{exception.GetType().Name}: {exception.Message}";
                }

                foreach (var point in killed) _ = run._points.AddOrUpdate(point, 1, (_, times) => times + 1);
                var total = Interlocked.Add(ref run._kills, killed.Count);
                _ = run._ends.AddOrUpdate(report is null ? "without an end" : report.Reason is null ? report.State : $"{report.State} ({report.Reason})", 1, (_, times) => times + 1);
                if (wrong is not null)
                {
                    var history = report is null ? "" : "; history: " + string.Join(", ", report.History.Select(line => line.Event));
                    run._violations.Enqueue($"{name}, {next.Shape.Name}, point {next.Point}, killed at [{string.Join("] [", killed)}]: {wrong}{history}");
                    await run.SayAsync($"  BROKEN {run._violations.Last()}");
                }

                if (killed.Count > 0 && total / 10 != (total - killed.Count) / 10)
                    await run.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{total} of {run.Wanted} kills, {run._walks} attempts, {run._violations.Count} broken, {Stopwatch.GetElapsedTime(run._started).TotalSeconds:0} s"));
            }
        }

        public async ValueTask DisposeAsync()
        {
            _browser.Dispose();
            await portal.DisposeAsync();
            await sandbox.DisposeAsync();
        }

        private async Task PrepareAsync(Shape shape)
        {
            await sandbox.ClearFaultsAsync();
            await sandbox.ClearJournalAsync();
            if (shape.Fault is { } fault) await sandbox.FaultAsync(fault);
        }

        private async Task<(AttemptReport Report, string? Wrong)> WalkAsync(string name, Shape shape, int point, int again, TimeSpan moment, List<string> killed)
        {
            if (!portal.IsUp) await portal.RestartAsync(Walk.PastTheLease);
            await portal.Main.ArmAsync(point == 0 ? int.MaxValue : point);
            var entry = portal.Main;
            var walk = new Walk(portal, sandbox, _browser, Plan(shape, name))
            {
                Entry = () => entry,
                WhenGone = async () =>
                {
                    killed.Add(portal.TakeKilled()?.Split(' ', 2)[1] ?? "random moment");
                    if (_second is not null && entry != _second)
                    {
                        // A proxy leads the browser to the process that is left.
                        entry = _second;
                        await portal.AdvanceAsync(Walk.PastTheLease, entry);
                        return;
                    }

                    try
                    {
                        await portal.RestartAsync(Walk.PastTheLease, killed.Count == 1 ? again : 0);
                    }
                    catch (InvalidOperationException) when (portal.TakeKilled() is { } place)
                    {
                        // Killed again before it was up.
                        killed.Add("start: " + place.Split(' ', 2)[1]);
                        await portal.RestartAsync(Walk.PastTheLease);
                    }

                    entry = portal.Main;
                },
            };

            using var over = new CancellationTokenSource();
            var killer = point == 0 ? KillLaterAsync(portal.Main, moment, over.Token) : Task.CompletedTask;
            AttemptReport report;
            try
            {
                report = await walk.RunAsync();
            }
            finally
            {
                await over.CancelAsync();
                await killer;
            }

            // A kill that nobody has run into yet: the attempt was over, its last words were not.
            if (!portal.IsUp || !await TryDisarmAsync(portal.Main))
            {
                if (entry == portal.Main) killed.Add(portal.TakeKilled()?.Split(' ', 2)[1] ?? "random moment");
                await portal.RestartAsync(Walk.PastTheLease);
            }

            // As the process tells it that runs now.
            report = await portal.Main.AttemptAsync(report.Id);
            return (report, await Promises.CheckAsync(portal, sandbox, report));
        }

        // It may come to its point while it is being asked.
        private static async Task<bool> TryDisarmAsync(PortalProcess process)
        {
            try
            {
                await process.DisarmAsync();
                return true;
            }
            catch (Exception gone) when (gone is HttpRequestException or SocketException)
            {
                await process.WaitForExitAsync();
                return false;
            }
        }

        private static async Task KillLaterAsync(PortalProcess process, TimeSpan after, CancellationToken cancelled)
        {
            try
            {
                await Task.Delay(after, cancelled);
                await process.KillAsync();
            }
            catch (OperationCanceledException)
            {
                // The attempt was over before.
            }
        }

        private WalkPlan Plan(Shape shape, string name) => new() { Name = name, Account = _account, App = _app, Allows = shape.Allows };
    }

    private int Wanted => kills;

    private Task SayAsync(string line) => log.WriteLineAsync(line);
}
