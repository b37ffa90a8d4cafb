using System.Diagnostics;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Sync;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Benchmarks;

/// <summary>The import of a whole tenant: sync and adoption, against a bare loop that only fetches the same pages.</summary>
internal static class ImportMeasure
{
    private static readonly Actor Somebody = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "benchmark") { Role = Role.Administrator };

    public static async Task RunAsync(int instances)
    {
        using var sandbox = await SandboxTenant.StartAsync(instances);
        using var portal = await PortalFile.OpenAsync(0, "import");
        var account = (await portal.Get<AccountService>().SaveAsync(sandbox.Account, Actor.Portal, CancellationToken.None)).Value;

        // Once unmeasured: the sandbox and the runtime compile what they run.
        _ = await FetchAsync(sandbox);
        var bare = Stopwatch.StartNew();
        var fetched = await FetchAsync(sandbox);
        bare.Stop();
        Say("a bare loop fetches", fetched, bare.Elapsed);

        var before = Settled();
        var peak = before;
        using var watching = new CancellationTokenSource();
        var watch = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (!watching.IsCancellationRequested && await timer.WaitForNextTickAsync()) peak = Math.Max(peak, Resident());
        });

        var workers = portal.Services.GetServices<IHostedService>().Where(service => service.GetType().Namespace == typeof(SyncService).Namespace).ToList();
        foreach (var worker in workers) await worker.StartAsync(CancellationToken.None);
        var import = Stopwatch.StartNew();
        var sync = portal.Get<SyncService>();
        _ = (await sync.StartAsync(account, allElements: true, Somebody, CancellationToken.None)).Value;
        SyncOverview? overview;
        using (var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20)))
        {
            do
            {
                await poll.WaitForNextTickAsync();
                overview = await sync.FindLatestAsync(account, CancellationToken.None);
            }
            while (overview?.Latest is null or { State: SyncState.Running });
        }

        Say("sync", overview.Latest.Seen, import.Elapsed);
        if (overview.Latest.State != SyncState.Complete) throw new InvalidOperationException($"The sync is {overview.Latest.State}: {overview.Latest.Message}");
        var adopted = (await portal.Get<DriftService>().AdoptAsync(account, DriftSelection.All(DriftKind.OnlyOnPlatform), Somebody, CancellationToken.None)).Value;
        import.Stop();
        Say("sync and adoption", adopted.Done, import.Elapsed);
        await watching.CancelAsync();
        await watch;
        foreach (var worker in workers) await worker.StopAsync(CancellationToken.None);

        Console.WriteLine($"rate against the bare loop: {bare.Elapsed / import.Elapsed * adopted.Done / fetched:0.00} (target: at least 0.7)");
        Console.WriteLine($"memory growth at its peak: {(peak - before) / 1048576.0:0} MB (target: under 100 MB)");
    }

    private static async Task<int> FetchAsync(SandboxTenant sandbox)
    {
        string? cursor = null;
        var rows = 0;
        do
        {
            using var answer = await sandbox.Http.GetAsync(new Uri($"instances?pageSize=200&hydrate=true{(cursor is null ? "" : "&nextPage=" + Uri.EscapeDataString(cursor))}", UriKind.Relative));
            answer.EnsureSuccessStatusCode();
            _ = await answer.Content.ReadAsByteArrayAsync();
            rows += int.Parse(answer.Headers.GetValues("Elements-Returned-Count").Single(), System.Globalization.CultureInfo.InvariantCulture);
            cursor = answer.Headers.TryGetValues("elements-next-page-token", out var next) ? next.Single() : null;
        }
        while (cursor is not null);
        return rows;
    }

    private static void Say(string what, int rows, TimeSpan time) =>
        Console.WriteLine($"{what}: {rows:N0} rows in {time.TotalSeconds:0.00} s, {rows / time.TotalSeconds:N0} rows/s");

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Resident();
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
