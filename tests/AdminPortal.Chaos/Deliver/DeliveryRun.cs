using System.Globalization;
using System.Net.Sockets;
using System.Text;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Chaos.Deliver;

/// <summary>
/// One callback, delivered many times at once to two processes on one database: by impatient people, by proxies that
/// cut a connection and try again, and after Back and reload. At most one request is carried out for its code.
/// </summary>
public sealed class DeliveryRun(int rounds, int seed, TextWriter log, int deliveries = 50)
{
    private static readonly object?[] Faults =
    [
        null,
        new { match = "POST /instances", status = 429, retryAfterSeconds = 1 },
        new { match = "POST /instances", drop = "after" },
        new { match = "POST /instances", delayMilliseconds = 500 },
    ];

    /// <summary>Runs all rounds.</summary>
    /// <returns>Every broken promise.</returns>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        var random = new Random(seed);
        await using var sandbox = await SandboxUnderTest.StartAsync();
        await using var portal = await PortalUnderTest.StartAsync();
        using var browser = new Browser();
        await browser.SetUpAsync(portal.Main);
        var account = await portal.Main.AccountAsync(sandbox);
        var app = await portal.Main.AppAsync();
        PortalProcess[] processes = [portal.Main, await portal.StartAnotherAsync()];

        List<string> broken = [];
        for (var round = 0; round < rounds; round++)
        {
            await sandbox.ClearFaultsAsync();
            await sandbox.ClearJournalAsync();
            var fault = Faults[round % Faults.Length];
            if (fault is not null) await sandbox.FaultAsync(fault);
            var walk = new Walk(portal, sandbox, browser, new WalkPlan { Name = string.Create(CultureInfo.InvariantCulture, $"delivery {round}"), Account = account, App = app });
            await walk.LeaveAsync();

            var cuts = Enumerable.Range(0, deliveries).Select(_ => random.Next(3) == 0).ToArray();
            var answers = await Task.WhenAll(cuts.Select((cut, number) => DeliverAsync(processes[number % 2], browser, walk, cut)));
            foreach (var odd in answers.Where(answer => answer is not null).Distinct()) broken.Add($"round {round}: {odd}");

            // Back to the way out, and the same callback once more.
            foreach (var process in processes)
            {
                using var back = await browser.GetAsync(process, $"/connect/{walk.AttemptId}/go");
                if (back.Headers.Location?.OriginalString != $"/connect/{walk.AttemptId}") broken.Add($"round {round}: Back led to {back.Headers.Location}");
            }

            _ = await walk.ReturnAsync();
            var report = await walk.WaitForTheEndAsync();
            if (await Promises.CheckAsync(portal, sandbox, report) is { } wrong) broken.Add($"round {round}: {wrong}");
            if (report.State != "Active") broken.Add($"round {round}: It ended as {report.State} ({report.Reason}).");
            var (asked, _) = await sandbox.CountCreationsAsync(report.PortalTag);
            if (asked != (round % Faults.Length == 1 ? 2 : 1)) broken.Add($"round {round}: The platform was asked {asked} times.");
        }

        await log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{rounds} callbacks, each delivered {deliveries} times at once to two processes; {broken.Count} broken promises"));
        return broken;
    }

    /// <returns>What was odd about the answer; null for nothing.</returns>
    private static async Task<string?> DeliverAsync(PortalProcess process, Browser browser, Walk walk, bool cut)
    {
        if (cut)
        {
            // The request has left; nobody waits for its answer. Then the same one on a new connection.
            using var connection = new TcpClient();
            await connection.ConnectAsync(process.Address.Host, process.Address.Port);
            var request = $"GET {walk.Callback} HTTP/1.1\r\nHost: {process.Address.Authority}\r\nCookie: {browser.CookieHeader}\r\nX-Forwarded-For: {Browser.SomeAddress()}\r\n\r\n";
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
            connection.LingerState = new LingerOption(enable: true, seconds: 0);
            connection.Close();
        }

        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(process.Address, walk.Callback));
        _ = message.Headers.TryAddWithoutValidation("Cookie", browser.CookieHeader);
        _ = message.Headers.TryAddWithoutValidation("X-Forwarded-For", Browser.SomeAddress());
        using var answer = await client.SendAsync(message);
        return (int)answer.StatusCode == 303 && answer.Headers.Location!.OriginalString.StartsWith($"/connect/{walk.AttemptId}", StringComparison.Ordinal)
            ? null
            : $"A delivery was answered with {(int)answer.StatusCode} to {answer.Headers.Location}.";
    }
}
