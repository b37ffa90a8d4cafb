using System.Diagnostics;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Sync;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AdminPortal.Benchmarks;

/// <summary>One bulk job over so many instances, against a bare loop that only makes the same calls, as many at once.</summary>
internal static class BulkMeasure
{
    private static readonly Actor Somebody = new(Guid.Parse("0199f0a1-0000-7000-8000-00000000ada0"), "benchmark") { Role = Role.Administrator };

    public static async Task RunAsync(int instances, int atOnce)
    {
        using var sandbox = await SandboxTenant.StartAsync(instances);
        using var portal = await PortalFile.OpenAsync(0, "bulk");
        var account = (await portal.Get<AccountService>().SaveAsync(sandbox.Account, Actor.Portal, CancellationToken.None)).Value;
        foreach (var worker in portal.Services.GetServices<IHostedService>()) await worker.StartAsync(CancellationToken.None);

        _ = await portal.Get<SyncService>().StartAsync(account, allElements: true, Somebody, CancellationToken.None);
        await UntilAsync(async () => (await portal.Get<SyncService>().FindLatestAsync(account, CancellationToken.None))?.Latest is { State: not SyncState.Running });
        _ = (await portal.Get<DriftService>().AdoptAsync(account, DriftSelection.All(DriftKind.OnlyOnPlatform), Somebody, CancellationToken.None)).Value;
        var ids = (await ListIdsAsync(sandbox)).ToList();

        // Tags: every row is one PATCH there, and one row and one line of the job here. First as the bare loop does it.
        await PatchAsync(sandbox, ids, atOnce, "warm");
        var bare = Stopwatch.StartNew();
        await PatchAsync(sandbox, ids, atOnce, "bare");
        bare.Stop();
        Say("a bare loop", ids.Count, bare.Elapsed);

        var jobs = portal.Get<BulkJobService>();
        var job = Stopwatch.StartNew();
        var id = (await jobs.StartAsync(InstanceSelection.Matching(new InstanceListQuery()), JobKind.AddTags, ["measured"], Somebody, CancellationToken.None)).Value;
        await UntilAsync(async () => (await jobs.FindAsync(id, CancellationToken.None)) is { State: not JobState.Running });
        job.Stop();
        var done = (await jobs.FindAsync(id, CancellationToken.None))!;
        Say("the bulk job", done.Succeeded, job.Elapsed);
        if (done.Succeeded != ids.Count) throw new InvalidOperationException($"{done.Failed} rows failed and {done.Skipped} were skipped.");
        Console.WriteLine($"rate against the bare loop: {bare.Elapsed / job.Elapsed:0.00}");
        foreach (var worker in portal.Services.GetServices<IHostedService>()) await worker.StopAsync(CancellationToken.None);
    }

    private static async Task<IEnumerable<long>> ListIdsAsync(SandboxTenant sandbox)
    {
        List<long> ids = [];
        string? cursor = null;
        do
        {
            using var answer = await sandbox.Http.GetAsync(new Uri($"instances?pageSize=200{(cursor is null ? "" : "&nextPage=" + Uri.EscapeDataString(cursor))}", UriKind.Relative));
            using var page = await System.Text.Json.JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync());
            ids.AddRange(page.RootElement.EnumerateArray().Select(row => row.GetProperty("id").GetInt64()));
            cursor = answer.Headers.TryGetValues("elements-next-page-token", out var next) ? next.Single() : null;
        }
        while (cursor is not null);
        return ids;
    }

    private static Task PatchAsync(SandboxTenant sandbox, IEnumerable<long> ids, int atOnce, string tag) =>
        Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (id, cancellationToken) =>
        {
            using var body = new StringContent($$"""{"tags":["{{tag}}"]}""", System.Text.Encoding.UTF8, "application/json");
            using var answer = await sandbox.Http.PatchAsync(new Uri($"instances/{id}", UriKind.Relative), body, cancellationToken);
            answer.EnsureSuccessStatusCode();
            _ = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        });

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo()) await timer.WaitForNextTickAsync();
    }

    private static void Say(string what, int rows, TimeSpan time) =>
        Console.WriteLine($"{what}: {rows:N0} rows in {time.TotalSeconds:0.00} s, {rows / time.TotalSeconds:N0} rows/s");
}
