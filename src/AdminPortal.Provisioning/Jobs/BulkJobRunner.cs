using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AdminPortal.Domain;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Works off one job: a few calls to the platform at once, and one writer for what they came to.</summary>
/// <remarks>
/// An item is marked as started before its call. What an instance learns, its row of the job, the job's numbers and the line in
/// the activity record are written in one transaction. A process that is killed has therefore either accounted for an instance or
/// not. In the latter case the next one finds the mark and decides from what the platform shows: what was changed there counts as
/// done by this job, and has its line in the record. The same holds for a cancelled job: its started items are decided, and nothing is
/// sent.
/// </remarks>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for has nothing to dispose of, and calls that are under way release it late.
internal sealed class BulkJobRunner(
    IDbContextFactory<PortalDb> databases,
    JobClaims claims,
    JobItemActions items,
    JobResults storedResults,
    JobPauses pauses,
    ChangeFeed feed,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<BulkJobRunner> logger) : IDueWork
#pragma warning restore CA1001
{
    /// <summary>The longest time that a busy platform is waited for before it is asked again.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private const int PageSize = 50;
    private const int MaxBatch = 100;
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    // For all jobs of this process together.
    private readonly SemaphoreSlim _calls = new(options.Value.BulkParallelism);

    /// <inheritdoc />
    public static string Subject => "job";

    /// <inheritdoc />
    public static ChangeTopic Topic => ChangeTopic.Jobs;

    /// <inheritdoc />
    public static int MaxAtOnce => 8;

    /// <inheritdoc />
    public async Task<IEnumerable<DueItem>> FindDueItemsAsync(CancellationToken stoppingToken) =>
        (await claims.FindDueAsync(stoppingToken).ConfigureAwait(false)).Select(id => new DueItem(id, stopping => RunAsync(id, stopping)));

    /// <summary>Claims a job and works it off, until it is done or cancelled, or this process stops.</summary>
    public async Task RunAsync(Guid jobId, CancellationToken stoppingToken)
    {
        if (await claims.ClaimAsync(jobId, stoppingToken).ConfigureAwait(false) is not { } job) return;

        var run = new JobRun(job, clock);
        try
        {
            await using (stoppingToken.Register(run.Stop).ConfigureAwait(false))
            using (feed.Subscribe(ChangeTopic.JobCancellations, jobId, run.Stop))
            {
                var renewing = claims.RenewAsync(run);
                try
                {
                    await WorkAsync(run, stoppingToken).ConfigureAwait(false);
                }
                finally
                {
                    run.EndRenewal();
                    await renewing.ConfigureAwait(false);
                }
            }

            await storedResults.EndAsync(run).ConfigureAwait(false);
        }
        finally
        {
            pauses.Set(jobId, null);
            feed.Publish(ChangeTopic.Jobs, jobId);
        }
    }

    private async Task WorkAsync(JobRun run, CancellationToken stoppingToken)
    {
        var results = Channel.CreateBounded<JobWorkResult>(new BoundedChannelOptions(MaxBatch) { SingleReader = true });
        var writing = WriteAsync(run, results);
        try
        {
            await Parallel.ForEachAsync(
                ReadWaitingAsync(run, CancellationToken.None),
                new ParallelOptions { MaxDegreeOfParallelism = options.Value.BulkParallelism, CancellationToken = run.Stopped },
                async (item, _) =>
                {
                    if (await ResultAsync(run, item, stoppingToken).ConfigureAwait(false) is { } result)
                        await results.Writer.WriteAsync(result, CancellationToken.None).ConfigureAwait(false);
                }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (run.Stopped.IsCancellationRequested)
        {
            // Called off, taken over, or stopping: what was under way has its result.
        }
        catch (ChannelClosedException)
        {
            // The writer broke; it says why.
        }
        finally
        {
            results.Writer.TryComplete();
            await writing.ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<JobWork> ReadWaitingAsync(JobRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (true)
        {
            // Small pages: what is known of an instance is only a moment old when it is worked on.
            List<JobWork> page;
            await using (var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false))
            {
                var items = await db.JobItems.AsNoTracking()
                    .Where(item => item.JobId == run.Job.Id && item.State == JobItemState.Waiting && item.InstanceNumber > after
                        && (item.StartedAt != null || !run.IsCancelled))
                    .OrderBy(item => item.InstanceNumber).Take(PageSize).ToListAsync(cancellationToken).ConfigureAwait(false);
                if (items.Count == 0) yield break;
                after = items[^1].InstanceNumber;
                var ids = items.Select(item => item.InstanceId).ToList();
                var instances = await db.Instances.AsNoTracking().Where(instance => EF.Parameter(ids).Contains(instance.Id))
                    .ToDictionaryAsync(instance => instance.Id, cancellationToken).ConfigureAwait(false);
                var accounts = await db.Accounts.AsNoTracking().ToDictionaryAsync(account => account.Id, cancellationToken).ConfigureAwait(false);
                page = [.. items.Select(item => instances.TryGetValue(item.InstanceId, out var instance)
                    ? new JobWork(item, instance, accounts[instance.PlatformAccountId])
                    : new JobWork(item, null, null))];
            }

            foreach (var item in page) yield return item;
        }
    }

    /// <summary>Works on one instance, for as long as the platform is busy.</summary>
    /// <returns>What it came to; null where the job was stopped before anything was sent.</returns>
    private async Task<JobWorkResult?> ResultAsync(JobRun run, JobWork item, CancellationToken stoppingToken)
    {
        while (true)
        {
            InstanceOutcome outcome;
            await run.WaitWhilePausedAsync().ConfigureAwait(false);
            await _calls.WaitAsync(run.Stopped).ConfigureAwait(false);
            try
            {
                // Another one may have found the platform busy while this one waited for its turn.
                if (run.IsPaused) continue;
                outcome = await items.ActAsync(run, item, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return null;
            }
#pragma warning disable CA1031 // One instance that breaks the portal must not keep the others from being worked on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                BulkJobLog.ItemBroke(logger, run.Job.Id, item.Row.InstanceId, exception);
                outcome = new InstanceOutcome { Problem = new Problem(ProblemKind.Unknown, texts["Job.Item.Broke"]) };
            }
            finally
            {
                _calls.Release();
            }

            // Started again from what the platform shows then. If another process has taken the job over, the next mark says so.
            if (outcome.IsWithheld) continue;
            if (outcome.NotStarted && !run.IsCancelled) return null;
            if (outcome.NotStarted) outcome = outcome with { NotStarted = false, Nothing = texts["Job.Nothing.Cancelled"] };
            if (!outcome.IsBusy) return new JobWorkResult(item, outcome);
            Pause(run, outcome.RetryAfter);
        }
    }

    private void Pause(JobRun run, TimeSpan? retryAfter)
    {
        var wait = TimeSpan.FromTicks(Math.Clamp((retryAfter ?? UsualPause).Ticks, ShortestPause.Ticks, LongestPause.Ticks));
        if (!run.PauseUntil(clock.GetUtcNow() + wait)) return;
        BulkJobLog.Paused(logger, run.Job.Id, wait);
        pauses.Set(run.Job.Id, run.PausedUntil);
    }

    private async Task WriteAsync(JobRun run, Channel<JobWorkResult> results)
    {
        try
        {
            var batch = new List<JobWorkResult>(MaxBatch);
            while (await results.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                // Whatever is there goes into one transaction: a slow disk makes larger batches, not a slower job.
                while (batch.Count < MaxBatch && results.Reader.TryRead(out var result)) batch.Add(result);
                if (!await storedResults.SaveAsync(run, batch).ConfigureAwait(false)) run.Stop();
                batch.Clear();
                feed.Publish(ChangeTopic.Jobs, run.Job.Id);
            }
        }
        catch
        {
            // Whoever waits for room in the channel must not wait for ever.
            results.Writer.TryComplete();
            run.Stop();
            throw;
        }
    }
}
