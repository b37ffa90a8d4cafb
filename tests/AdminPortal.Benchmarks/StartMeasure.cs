using System.Diagnostics;
using System.Globalization;
using System.Net;
using AdminPortal.Chaos.Circuits;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Benchmarks;

/// <summary>
/// The published portal: how long from the start of its process to its first page, how much memory it holds when nothing
/// happens, and how much more with every idle circuit on the list of instances.
/// </summary>
internal static class StartMeasure
{
    private const string Data = "start";
    private const int Starts = 10;
    private const int Circuits = 400;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    public static async Task RunAsync()
    {
        var folder = await Folders.PublishedAsync();
        using (await PortalFile.OpenAsync(1000, Data))
        {
            // Makes the database.
        }

        List<double> times = [];
        for (var start = 0; start < Starts; start++)
        {
            var begin = Stopwatch.GetTimestamp();
            using var portal = await PortalProcess.StartAsync(folder, Data, waitForSetup: false);
            using var http = new HttpClient { BaseAddress = portal.Address };
            using var page = await http.GetAsync(new Uri("/sign-in", UriKind.Relative));
            if (page.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"The first page answered {(int)page.StatusCode}.");
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        var ordered = times.Order().ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Start to first page, {Starts} times: median {ordered[Starts / 2]:N0} ms, slowest {ordered[^1]:N0} ms"));

        using var running = await PortalProcess.StartAsync(folder, Data, waitForSetup: true);
        await Task.Delay(Rest);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"At rest after the start: {running.ResidentMegabytes():0} MB"));
        await MeasureCircuitsAsync(running);
    }

    private static async Task MeasureCircuitsAsync(PortalProcess portal)
    {
        using var browser = new Browser();
        await browser.SetUpAsync(portal.Address, portal.Setup!);
        var cookies = browser.CookieHeader;
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        // Everything has been used once before the first look.
        for (var warm = 0; warm < 40; warm++)
        {
            await using var circuit = await OpenAsync();
            await circuit.LeaveAsync();
        }

        await Task.Delay(Rest);
        var before = portal.ResidentMegabytes();
        var open = new List<BlazorPackClient>();
        try
        {
            while (open.Count < Circuits) open.Add(await OpenAsync());
            await Task.Delay(Rest);
            var after = portal.ResidentMegabytes();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Circuits} idle circuits on /instances: {before:0} MB before, {after:0} MB with them, {(after - before) * 1024 / Circuits:0} KB each"));
        }
        finally
        {
            foreach (var circuit in open) await circuit.DisposeAsync();
        }

        async Task<BlazorPackClient> OpenAsync()
        {
            var circuit = await BlazorPackClient.OpenAsync(portal.Address, http, cookies, "/instances");
            return circuit is { Error: null, Batches: > 0 } ? circuit : throw new InvalidOperationException($"The list did not come: {circuit.Error}");
        }
    }
}
