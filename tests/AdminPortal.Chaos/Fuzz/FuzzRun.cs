using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Chaos.Fuzz;

/// <summary>What a run of made-up requests came to.</summary>
public sealed record FuzzResult(int Inputs, IReadOnlyDictionary<int, int> Statuses, TimeSpan Slowest, int Largest, IReadOnlyList<string> Violations, TimeSpan Took)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Inputs:N0} inputs in {Took.TotalSeconds:0} s, slowest {Slowest.TotalMilliseconds:0} ms, largest answer {Largest:N0} characters; {string.Join(", ", Statuses.OrderBy(one => one.Key).Select(one => $"{one.Key}: {one.Value:N0}"))}; {Violations.Count} findings");
}

/// <summary>
/// Sends made-up requests to what strangers can reach. No answer is a server's error, none takes long or is large, none holds
/// what was sent as HTML, and nothing changes in the database.
/// </summary>
public sealed partial class FuzzRun(int inputs, int seed, TextWriter log, int? only = null)
{
    private const int Connections = 32;
    private const int MaxCharacters = 500_000;
    private const int MaxFindings = 50;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentDictionary<int, int> _statuses = new();
    private readonly Lock _gate = new();
    private TimeSpan _slowest;
    private int _largest;
    private int _next;
    private int _done;

    public async Task<FuzzResult> RunAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await using var sandbox = await SandboxUnderTest.StartAsync();
        await using var portal = await PortalUnderTest.StartAsync();

        // A tenth of them while the setup is open: whoever has not the link gets nowhere.
        var setup = await portal.Main.SetupLinkAsync();
        await PhaseAsync(portal, inputs / 10, await KnowAsync(portal, "/setup", setup, OneTime(), Guid.NewGuid()));

        using var browser = new Browser();
        await browser.SetUpAsync(portal.Main);
        var account = await portal.Main.AccountAsync(sandbox);
        var walk = new Walk(portal, sandbox, browser, new WalkPlan { Name = "Fuzz", Account = account, App = await portal.Main.AppAsync() });
        await walk.LeaveAsync();
        var state = Uri.UnescapeDataString(walk.Callback!.Split("state=")[1].Split('&')[0]);
        await PhaseAsync(portal, inputs, await KnowAsync(portal, "/sign-in", "/sign-in", state, walk.AttemptId));

        // What was tried has not spent the consent.
        _ = await walk.ReturnAsync();
        var report = await walk.WaitForTheEndAsync();
        if (report.State != "Active") _violations.Enqueue($"The consent that was tampered with did not work any more: {report.State}, {report.Reason}");
        if (portal.Main.Output.Contains("Unhandled exception", StringComparison.OrdinalIgnoreCase)) _violations.Enqueue("An unhandled exception was logged: " + string.Join('\n', portal.Main.Output.Split('\n').SkipWhile(line => !line.StartsWith("fail:", StringComparison.Ordinal)).Take(20)));
        return new FuzzResult(_done, _statuses.ToDictionary(), _slowest, _largest, [.. _violations], Stopwatch.GetElapsedTime(started));
    }

    private static async Task<Known> KnowAsync(PortalUnderTest portal, string page, string address, string state, Guid attempt)
    {
        // Another browser than the one with the consent under way.
        using var stranger = new Browser();
        using var answer = await stranger.GetAsync(portal.Main, address);
        var fields = Browser.Fields(await answer.Content.ReadAsStringAsync());
        return new Known(state, attempt, new Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>> { [page] = fields }, stranger.CookieHeader);
    }

    private static string OneTime() => Convert.ToBase64String(Guid.NewGuid().ToByteArray().Concat(Guid.NewGuid().ToByteArray()).ToArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private async Task PhaseAsync(PortalUnderTest portal, int until, Known known)
    {
        var before = await portal.RowsAsync();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => ConnectionAsync(portal, until, known)));
        _next = until;
        var after = await portal.RowsAsync();
        foreach (var (table, rows) in after)
        {
            if (before[table] != rows) _violations.Enqueue($"{table} had {before[table]} rows and has {rows}.");
        }

        if (!portal.IsUp) throw new InvalidOperationException("The portal has ended:\n" + portal.Main.Output);
    }

    private async Task ConnectionAsync(PortalUnderTest portal, int until, Known known)
    {
        using var client = new RawClient(portal.Main.Address);
        while (Interlocked.Increment(ref _next) - 1 is var number && number < until && _violations.Count < MaxFindings)
        {
            if (only is { } one && number != one) continue;
            var input = new Input(seed, number, known);
            if (await SendAsync(client, input) is { } finding)
                _violations.Enqueue(string.Create(CultureInfo.InvariantCulture, $"input {number} of seed {seed}, {input.Title}: {finding}"));
            if (Interlocked.Increment(ref _done) is var done && done % 10_000 == 0)
                await log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{done:N0} of {inputs:N0} inputs, {_violations.Count} findings"));
        }
    }

    private async Task<string?> SendAsync(RawClient client, Input input)
    {
        var started = Stopwatch.GetTimestamp();
        using var timeout = new CancellationTokenSource(MaxTime);
        RawAnswer? answer;
        try
        {
            answer = await client.SendAsync(input.Bytes, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            return $"No answer within {MaxTime.TotalSeconds} s.";
        }

        var took = Stopwatch.GetElapsedTime(started);
        _ = _statuses.AddOrUpdate(answer?.Status ?? 0, 1, (_, times) => times + 1);
        if (answer is null) return "The connection was closed without an answer.";
        lock (_gate)
        {
            if (took > _slowest) _slowest = took;
            if (answer.Body.Length > _largest) _largest = answer.Body.Length;
        }

        if (answer.Status is 0 or >= 500) return $"It was answered with {answer.Status}: {answer.Body[..Math.Min(answer.Body.Length, 300)]}";
        if (answer.Body.Length > MaxCharacters) return $"The answer has {answer.Body.Length} characters.";
        // A quotation mark alone may be the end of an attribute that holds the address.
        var isPage = answer.Head.Contains("Content-Type: text/html", StringComparison.OrdinalIgnoreCase);
        foreach (var raw in new[] { input.Marker + "<", input.Marker + "\"><img" })
        {
            if (isPage && answer.Body.IndexOf(raw, StringComparison.OrdinalIgnoreCase) is var at and >= 0)
                return $"The answer ({answer.Status}) holds what was sent, not encoded: {answer.Body[Math.Max(0, at - 80)..Math.Min(answer.Body.Length, at + 60)]}";
        }

        if (answer.Head.Contains("\r\nX-Zq:", StringComparison.OrdinalIgnoreCase)) return "The answer has a header that was planted.";
        if (answer.Head.Contains("portal-session=C", StringComparison.Ordinal)) return "It signed in.";
        return Location(answer.Head) is { } to && !IsOwn(to) ? $"It leads away, to {to}." : null;
    }

    private static string? Location(string head) => head.Split("\r\n").Where(line => line.StartsWith("Location:", StringComparison.OrdinalIgnoreCase)).Select(line => line["Location:".Length..].Trim()).FirstOrDefault();

    // A path of the portal, or the sign-in under its own host: that is how the framework writes it.
    private static bool IsOwn(string location) =>
        (location.StartsWith('/') && !location.StartsWith("//", StringComparison.Ordinal) && !location.StartsWith("/\\", StringComparison.Ordinal))
        || SignIn().IsMatch(location);

    [GeneratedRegex("^http://(127\\.[0-9.]+|localhost|loopback|\\[::1\\])(:[0-9]+)?/sign-in(\\?|$)", RegexOptions.CultureInvariant)]
    private static partial Regex SignIn();
}
