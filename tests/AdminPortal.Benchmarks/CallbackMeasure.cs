using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Benchmarks;

/// <summary>
/// The callback: how many a second become a stored code and a 303, against a bare Kestrel endpoint that does one SQLite
/// insert, as durable; and how much time the portal adds, from the callback to the stored instance, to what the sandbox
/// itself takes for <c>POST /instances</c>.
/// </summary>
internal static class CallbackMeasure
{
    private const int MostPerSecond = 12_000;

    // The runtime compiles what is hot a second time, and some of it a third, when nothing new is called for a while.
    private const int WarmRounds = 8;
    private const int WarmRequests = 8000;
    private const int Instances = 300;
    private const int Rounds = 9;
    private static readonly int[] AllClients = [1, 16, 64];
    private static readonly TimeSpan Compiling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1.5);

    /// <summary>All of it, or the throughput alone for one number of clients.</summary>
    public static async Task RunAsync(int? clients = null)
    {
        await ThroughputAsync(clients is { } one ? [one] : AllClients);
        if (clients is null) await AddedTimeAsync();
    }

    private static async Task ThroughputAsync(int[] clients)
    {
        const string Data = "callback";
        IReadOnlyList<string> states;
        string connectionString;
        // Takes requests and never answers: the workers have their hands full, and cost nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using (var sandbox = await SandboxTenant.StartAsync(0))
        using (var file = await PortalFile.OpenAsync(0, Data))
        {
            connectionString = file.ConnectionString;
            states = await AwaitingAttempts.AddAsync(file, sandbox.Account, ((WarmRounds * WarmRequests) + (int)(MostPerSecond * Rounds * Round.TotalSeconds)) * clients.Length);
            await ExecuteAsync(connectionString, $"UPDATE Accounts SET BaseUrl = 'http://{silent.LocalEndpoint}'");
        }

        using var portal = await PortalProcess.StartAsync(PortalProcess.BuildOutput(), Data, waitForSetup: true);
        using var bare = BareKestrel.Start(out var bareAddress);
        var queue = new ConcurrentQueue<string>(states);
        var answered = 0;
        try
        {
            foreach (var number in clients)
            {
                Console.WriteLine($"Callback to 303, {number} clients");
                for (var warm = 0; warm < WarmRounds; warm++)
                {
                    _ = await LoadAsync(bareAddress, number, Insert, null);
                    _ = await LoadAsync(portal.Address, number, Callback, null);
                    await Task.Delay(Compiling);
                }

                // By turns, so that what else the machine does meanwhile falls on both.
                List<double[]> inserts = [], callbacks = [];
                var (insertTime, callbackTime) = (TimeSpan.Zero, TimeSpan.Zero);
                for (var round = 0; round < Rounds; round++)
                {
                    var (bareBefore, portalBefore) = (Spent(bare), Spent(portal.Process));
                    inserts.Add(await LoadAsync(bareAddress, number, Insert, Round));
                    callbacks.Add(await LoadAsync(portal.Address, number, Callback, Round));
                    insertTime += Spent(bare) - bareBefore;
                    callbackTime += Spent(portal.Process) - portalBefore;
                }

                Print("  one insert", inserts, insertTime);
                Print("  the portal", callbacks, callbackTime);
                var ratios = callbacks.Zip(inserts, (callback, insert) => (double)callback.Length / insert.Length).Order().ToArray();
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"  throughput against one insert, {Rounds} rounds: median {ratios[Rounds / 2]:0.00}, {ratios[0]:0.00} to {ratios[^1]:0.00}"));
            }
        }
        finally
        {
            bare.Kill();
        }

        var stored = await ScalarAsync(connectionString, "SELECT count(*) FROM Attempts WHERE CodeReceivedAt IS NOT NULL");
        Console.WriteLine($"303 answers: {answered:N0}; codes in the file: {stored:N0}");
        if (stored != answered) throw new InvalidOperationException("An answer was given for a code that is not stored, or the other way round.");

        static string Insert() => "/?state=benchmark&code=evcfr8vfne4smad3nbnw652e";

        string Callback()
        {
            if (!queue.TryDequeue(out var state)) throw new InvalidOperationException("Too few attempts were prepared.");
            Interlocked.Increment(ref answered);
            return $"/oauth/callback?code=evcfr8vfne4smad3nbnw652e&state={state}&scope=full%7Cdt123.infusionsoft.com";
        }
    }

    private static async Task AddedTimeAsync()
    {
        const string Data = "callback-time";
        using var sandbox = await SandboxTenant.StartAsync(0);
        IReadOnlyList<string> states;
        string connectionString;
        using (var file = await PortalFile.OpenAsync(0, Data))
        {
            connectionString = file.ConnectionString;
            states = await AwaitingAttempts.AddAsync(file, sandbox.Account, Instances);
        }

        using var portal = await PortalProcess.StartAsync(PortalProcess.BuildOutput(), Data, waitForSetup: true);
        using var browser = Browser(portal.Address);
        using var provider = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = sandbox.Address };
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync();
        await using var look = connection.CreateCommand();
        look.CommandText = "SELECT count(*) FROM Instances";

        List<double> bare = [], whole = [];
        for (var number = 0; number < Instances; number++)
        {
            bare.Add(await PostAsync(sandbox.Http, await CodeAsync(provider), number));
            var callback = $"/oauth/callback?code={await CodeAsync(provider)}&state={states[number]}&scope=full%7Cdt123.infusionsoft.com";
            var begin = Stopwatch.GetTimestamp();
            using (var request = FromSomewhere(callback))
            using (var answer = await browser.SendAsync(request))
            {
                if (answer.StatusCode != HttpStatusCode.SeeOther) throw new InvalidOperationException($"The callback answered {(int)answer.StatusCode}.");
            }

            while (Convert.ToInt64(await look.ExecuteScalarAsync(), CultureInfo.InvariantCulture) <= number)
            {
                if (Stopwatch.GetElapsedTime(begin) > TimeSpan.FromSeconds(30)) throw new InvalidOperationException("The instance was not stored.");
            }

            whole.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        // The first ones compile the code.
        var (bareTimes, wholeTimes) = (bare.Skip(50).Order().ToArray(), whole.Skip(50).Order().ToArray());
        Console.WriteLine("From the callback to the stored instance");
        Print("  POST /instances alone", bareTimes);
        Print("  callback to instance ", wholeTimes);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  added: {wholeTimes[wholeTimes.Length / 2] - bareTimes[bareTimes.Length / 2]:0.0} ms at the median, {wholeTimes[(int)(wholeTimes.Length * 0.95)] - bareTimes[(int)(bareTimes.Length * 0.95)]:0.0} ms at p95"));
    }

    /// <summary>A code as the sandbox's consent page issues it.</summary>
    private static async Task<string> CodeAsync(HttpClient provider)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["client_id"] = AwaitingAttempts.ClientId,
            ["redirect_uri"] = AwaitingAttempts.CallbackUrl,
            ["response_type"] = "code",
            ["scope"] = "full",
            ["username"] = "ada",
            ["account"] = "dt123.infusionsoft.com",
            ["decision"] = "allow",
        });
        using var answer = await provider.PostAsync(new Uri("/app/oauth/consent", UriKind.Relative), form);
        var query = answer.Headers.Location?.Query ?? throw new InvalidOperationException($"The consent answered {(int)answer.StatusCode}.");
        return query.Split("code=")[1].Split('&')[0];
    }

    private static async Task<double> PostAsync(HttpClient platform, string code, int number)
    {
        using var body = JsonContent.Create(new
        {
            element = new { key = "infusionsoftrest" },
            providerData = new { code },
            configuration = new Dictionary<string, string>
            {
                ["oauth.callback.url"] = AwaitingAttempts.CallbackUrl,
                ["oauth.api.key"] = AwaitingAttempts.ClientId,
                ["oauth.api.secret"] = "benchmark-secret",
            },
            tags = new[] { "docs" },
            name = $"Bare {number}",
        });
        var begin = Stopwatch.GetTimestamp();
        using var answer = await platform.PostAsync(new Uri("instances", UriKind.Relative), body);
        using var created = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return answer.IsSuccessStatusCode
            ? Stopwatch.GetElapsedTime(begin).TotalMilliseconds
            : throw new InvalidOperationException($"The sandbox answered {(int)answer.StatusCode}: {created.RootElement}");
    }

    /// <summary>How long each request took, in milliseconds.</summary>
    /// <param name="address">Who is asked.</param>
    /// <param name="clients">How many ask at once.</param>
    /// <param name="path">What they ask for.</param>
    /// <param name="time">For how long; null until all is warm.</param>
    private static async Task<double[]> LoadAsync(Uri address, int clients, Func<string> path, TimeSpan? time)
    {
        ConcurrentBag<double> bag = [];
        var begun = Stopwatch.GetTimestamp();
        var left = WarmRequests;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            using var http = Browser(address);
            while (time is { } length ? Stopwatch.GetElapsedTime(begun) < length : Interlocked.Decrement(ref left) >= 0)
            {
                using var request = FromSomewhere(path());
                var begin = Stopwatch.GetTimestamp();
                using var answer = await http.SendAsync(request);
                if (answer.StatusCode != HttpStatusCode.SeeOther) throw new InvalidOperationException($"The answer was {(int)answer.StatusCode}.");
                bag.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }
        }));
        return [.. bag];
    }

    /// <summary>A request from one of four thousand addresses: the callback's rate limit is for one.</summary>
    private static HttpRequestMessage FromSomewhere(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", string.Create(CultureInfo.InvariantCulture, $"10.0.{Random.Shared.Next(16)}.{Random.Shared.Next(256)}"));
        return request;
    }

    private static void Print(string name, List<double[]> rounds, TimeSpan processor) => Print(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {rounds.Select(round => round.Length / Round.TotalSeconds).Order().ElementAt(Rounds / 2),7:N0}/s, {processor.TotalMicroseconds / rounds.Sum(round => round.Length):0} us of processor time each"),
        [.. rounds.SelectMany(round => round).Order()]);

    private static TimeSpan Spent(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static void Print(string name, double[] times) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: median {times[times.Length / 2]:0.00} ms, p95 {times[(int)(times.Length * 0.95)]:0.00} ms, p99 {times[(int)(times.Length * 0.99)]:0.00} ms"));

    private static HttpClient Browser(Uri address)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = address };
        http.DefaultRequestHeaders.Add("Cookie", $"portal-browser={AwaitingAttempts.Browser}");
        return http;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
