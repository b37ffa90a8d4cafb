using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using AdminPortal.Chaos.Circuits;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Chaos.Soak;

/// <summary>What a soak came to.</summary>
public sealed record SoakResult(int Circuits, int Callbacks, Holdings Before, Holdings During, Holdings After, IReadOnlyList<string> Findings, TimeSpan Took)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {Circuits:N0} circuits opened and closed, {Callbacks:N0} callbacks, {Took.TotalMinutes:0.0} min; {Findings.Count} findings
          before  {Text(Before)}
          during  {Text(During)}
          after   {Text(After)}
        """);

    private static string Text(Holdings held) => string.Create(
        CultureInfo.InvariantCulture,
        $"heap {held.HeapBytes / 1048576.0:0.0} MiB, resident {held.ResidentBytes / 1048576.0:0} MiB, {held.Threads} threads, {held.Handles} handles");
}

/// <summary>
/// Opens and closes circuits and delivers callbacks for so many minutes. Afterwards, when what the portal keeps for a while
/// has been let go, memory, threads and handles are back where they were.
/// </summary>
public sealed class SoakRun(double minutes, int seed, TextWriter log)
{
    /// <summary>Longer than the portal keeps circuits whose connection was cut.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(200);

    private const int AllCircuits = 10_000;
    private const int AllCallbacks = 100_000;
    private const int AtOnce = 4;
    private const int Kinds = 3;
    private static readonly TimeSpan Whole = TimeSpan.FromMinutes(10);
    private static readonly string[] Pages = ["/", "/instances", "/accounts", "/activity", "/connect"];

    private readonly Random _random = new(seed);
    private readonly List<string> _findings = [];
    private int _circuits;
    private int _callbacks;

    public async Task<SoakResult> RunAsync()
    {
        await using var sandbox = await SandboxUnderTest.StartAsync();
        await using var portal = await PortalUnderTest.StartAsync();
        using var browser = new Browser();
        await browser.SetUpAsync(portal.Main);
        var account = await portal.Main.AccountAsync(sandbox);
        var app = await portal.Main.AppAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, MaxConnectionsPerServer = 32 });
        List<string> known = [];

        // All of it from ten minutes on; less time does as much less.
        var share = Math.Min(1, minutes / Whole.TotalMinutes);
        var (circuits, callbacks) = ((int)(AllCircuits * share), (int)(AllCallbacks * share));
        const int rounds = 50;

        // Everything has been used once before the first look.
        await RoundAsync(100, 1000);
        (_circuits, _callbacks) = (0, 0);
        await Task.Delay(Quiet);
        var before = await portal.Main.HoldingsAsync();
        await log.WriteLineAsync("Warm.");

        var started = Stopwatch.GetTimestamp();
        var during = before;
        for (var round = 1; round <= rounds; round++)
        {
            await RoundAsync(circuits / rounds, callbacks / rounds);
            if (await portal.Main.HoldingsAsync(collect: false) is var held && held.ResidentBytes > during.ResidentBytes) during = held;
            if (round % 10 == 0)
                await log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{_circuits:N0} circuits, {_callbacks:N0} callbacks, resident {held.ResidentBytes / 1048576} MiB, {held.Threads} threads, {held.Handles} handles"));
            var wait = TimeSpan.FromMinutes(minutes * round / rounds) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero) await Task.Delay(wait);
        }

        var took = Stopwatch.GetElapsedTime(started);
        await Task.Delay(Quiet);
        var after = await portal.Main.HoldingsAsync();
        if (await portal.UnderWayAsync() is > 0 and var left) _findings.Add($"{left} attempts whose code was stored have come to no end.");
        Compare("The heap", before.HeapBytes, after.HeapBytes, Math.Max(before.HeapBytes / 4, 12 * 1048576));
        Compare("The resident memory", before.ResidentBytes, after.ResidentBytes, Math.Max(before.ResidentBytes / 3, 64 * 1048576));
        Compare("The number of threads", before.Threads, after.Threads, 10);
        Compare("The number of handles", before.Handles, after.Handles, 20);
        return new SoakResult(_circuits, _callbacks, before, during, after, _findings, took);

        async Task RoundAsync(int newCircuits, int newCallbacks)
        {
            // Every round ends one consent, so that there are callbacks that were known once; copies of it await theirs.
            var walk = new Walk(portal, sandbox, browser, new WalkPlan { Name = $"Soak {known.Count}", Account = account, App = app });
            await walk.LeaveAsync();
            var states = await portal.CopyAwaitingAsync(walk.AttemptId, newCallbacks / Kinds);
            _ = await walk.ReturnAsync();
            var report = await walk.WaitForTheEndAsync();
            if (report.State != "Active") _findings.Add($"A consent ended as {report.State} ({report.Reason}).");
            known.Add(walk.Callback!);
            await Parallel.ForAsync(0, newCircuits, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) => await CircuitAsync(number));
            await Parallel.ForAsync(0, newCallbacks, new ParallelOptions { MaxDegreeOfParallelism = AtOnce * 2 }, async (number, _) => await CallbackAsync(number, states));
        }

        async ValueTask CircuitAsync(int number)
        {
            try
            {
                await using var circuit = await BlazorPackClient.OpenAsync(portal.Main.Address, http, browser.CookieHeader, Pages[number % Pages.Length]);
                // One in ten is cut instead of left: the portal keeps it for some minutes.
                if (number % 10 != 9) await circuit.LeaveAsync();
                _ = Interlocked.Increment(ref _circuits);
                if (circuit.Error is { } error) Found($"A circuit on {Pages[number % Pages.Length]} failed: {error}");
            }
            catch (Exception failed) when (failed is InvalidOperationException or HttpRequestException or TimeoutException or System.Net.WebSockets.WebSocketException)
            {
                Found($"A circuit on {Pages[number % Pages.Length]} failed: {failed.Message}");
            }
        }

        // By turns: one that is stored, whose code the worker then sends to the platform, which does not know it; one that was spent; one that is unknown.
        async ValueTask CallbackAsync(int number, IReadOnlyList<string> states)
        {
            var (kind, turn) = (number % Kinds, number / Kinds);
            string path;
            lock (_random)
            {
                path = kind switch
                {
                    0 when turn < states.Count => $"/oauth/callback?code=soak{number}&state={states[turn]}&scope=full%7Cdt123.infusionsoft.com",
                    1 => known[_random.Next(known.Count)],
                    _ => $"/oauth/callback?code={number}&state={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}",
                };
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(portal.Main.Address, path));
            if (kind == 0 || turn % 2 == 0) _ = request.Headers.TryAddWithoutValidation("Cookie", browser.CookieHeader);
            _ = request.Headers.TryAddWithoutValidation("X-Forwarded-For", kind == 0 ? Browser.SomeAddress() : string.Create(CultureInfo.InvariantCulture, $"10.9.{number % 20}.{number % 250}"));
            using var answer = await http.SendAsync(request);
            _ = Interlocked.Increment(ref _callbacks);
            if (answer.StatusCode is not (HttpStatusCode.SeeOther or HttpStatusCode.TooManyRequests)) Found($"A callback was answered with {(int)answer.StatusCode}.");
            if (kind == 0 && turn < states.Count && answer.StatusCode == HttpStatusCode.SeeOther && answer.Headers.Location?.OriginalString.StartsWith("/connect/", StringComparison.Ordinal) != true)
                Found($"A callback that was awaited led to {answer.Headers.Location?.OriginalString}.");
        }
    }

    private void Compare(string what, long before, long after, long tolerance)
    {
        if (after - before > tolerance) _findings.Add(string.Create(CultureInfo.InvariantCulture, $"{what} was {before:N0} and is {after:N0}; at most {tolerance:N0} more were to be expected."));
    }

    private void Found(string finding)
    {
        lock (_findings)
        {
            if (_findings.Count < 50) _findings.Add(finding);
        }
    }
}
