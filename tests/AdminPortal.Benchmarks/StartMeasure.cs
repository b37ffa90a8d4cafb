using System.Diagnostics;
using System.Globalization;
using System.Net;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Benchmarks;

/// <summary>
/// The published portal: how long from the start of its process to its first page, and how much memory it holds when
/// nothing happens.
/// </summary>
internal static class StartMeasure
{
    private const string Data = "start";
    private const int Starts = 10;
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
    }
}
