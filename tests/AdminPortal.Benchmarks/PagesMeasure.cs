using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using AdminPortal.Chaos.Driving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Benchmarks;

/// <summary>
/// A small load on the portal's pages over HTTP, signed in, against a bare Kestrel endpoint that answers with as many
/// bytes. The rows of the list come over the circuit behind the page: the list's queries are measured by themselves.
/// </summary>
internal static class PagesMeasure
{
    private const int Clients = 16;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(6);

    public static async Task RunAsync()
    {
        using (await PortalFile.OpenAsync(0, "pages"))
        {
            // Makes the database; the portal itself then runs as a process of its own.
        }

        using var portal = await PortalProcess.StartAsync(PortalProcess.BuildOutput(), "pages", waitForSetup: true);
        var address = portal.Address;
        using var browser = new Browser();
        await browser.SetUpAsync(address, portal.Setup!);
        var cookies = browser.CookieHeader;
        foreach (var path in new[] { "/instances", "/activity", "/sign-in" })
        {
            var size = (await GetAsync(Client(address, cookies), path)).Length;
            await using var bare = await BareAsync(size);
            Console.WriteLine($"{path}, {size:N0} bytes, {Clients} clients");
            var baseline = await LoadAsync(() => Client(new Uri(bare.Urls.Single()), null), "/", "  bare Kestrel");
            var rate = await LoadAsync(() => Client(address, cookies), path, "  the portal  ");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  throughput against bare Kestrel: {rate / baseline:0.00}"));
        }
    }

    // The portal's cookies are secure ones, which browsers send to loopback and .NET's own cookie store does not.
    private static HttpClient Client(Uri address, string? cookies)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = address };
        if (cookies is not null) http.DefaultRequestHeaders.Add("Cookie", cookies);
        return http;
    }

    private static async Task<byte[]> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.OK
            ? await answer.Content.ReadAsByteArrayAsync()
            : throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}.");
    }

    private static async Task<WebApplication> BareAsync(int size)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var body = new byte[size];
        app.Run(async context =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.Body.WriteAsync(body);
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<double> LoadAsync(Func<HttpClient> client, string path, string name)
    {
        _ = await OnceAsync(Warm);
        var times = await OnceAsync(Measured);
        var ordered = times.Order().ToArray();
        var rate = ordered.Length / Measured.TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {rate:N0} pages/s, median {ordered[ordered.Length / 2]:0.00} ms, p95 {ordered[(int)(ordered.Length * 0.95)]:0.00} ms"));
        return rate;

        async Task<ConcurrentBag<double>> OnceAsync(TimeSpan time)
        {
            ConcurrentBag<double> bag = [];
            var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
            {
                using var http = client();
                while (Stopwatch.GetTimestamp() < end)
                {
                    var begin = Stopwatch.GetTimestamp();
                    _ = await GetAsync(http, path);
                    bag.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
                }
            }));
            return bag;
        }
    }
}
