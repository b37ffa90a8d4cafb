using System.Diagnostics;
using System.Globalization;
using System.Net;

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
        var folder = await Programs.PublishedAsync();
        using (await PortalFile.OpenAsync(1000, Data))
        {
            // Makes the database.
        }

        // By turns, so that how fast the machine is at the moment is the same for both.
        List<double> times = [], bare = [];
        for (var start = 0; start < Starts; start++)
        {
            var begin = Stopwatch.GetTimestamp();
            using (var portal = await PortalProcess.StartAsync(folder, Data, waitForSetup: false))
            {
                await AskAsync(new Uri(portal.Address, "/sign-in"), HttpStatusCode.OK);
                times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }

            begin = Stopwatch.GetTimestamp();
            using var kestrel = BareKestrel.Start(out var address);
            try
            {
                await AskAsync(new Uri(address, "/?state=start&code=start"), HttpStatusCode.SeeOther);
                bare.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }
            finally
            {
                kestrel.Kill();
                await kestrel.WaitForExitAsync();
            }
        }

        Print("Start to first page", times);
        Print("Bare Kestrel, to its first insert", bare);

        using var running = await PortalProcess.StartAsync(folder, Data, waitForSetup: true);
        await Task.Delay(Rest);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"At rest after the start: {running.ResidentMegabytes():0} MB"));
    }

    private static async Task AskAsync(Uri address, HttpStatusCode expected)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var page = await http.GetAsync(address);
        if (page.StatusCode != expected) throw new InvalidOperationException($"{address.AbsolutePath} answered {(int)page.StatusCode}.");
    }

    private static void Print(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}, {times.Count} times: median {times[times.Count / 2]:N0} ms, {times[0]:N0} to {times[^1]:N0} ms"));
    }
}
