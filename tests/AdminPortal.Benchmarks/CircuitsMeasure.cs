using System.Globalization;
using AdminPortal.Chaos.Circuits;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Benchmarks;

/// <summary>The published portal: how much memory every idle circuit on the list of instances adds.</summary>
internal static class CircuitsMeasure
{
    private const string Data = "start";
    private const int Circuits = 400;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    public static async Task RunAsync()
    {
        using (await PortalFile.OpenAsync(1000, Data))
        {
            // Makes the database.
        }

        using var portal = await PortalProcess.StartAsync(await Programs.PublishedAsync(), Data, waitForSetup: true);
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
