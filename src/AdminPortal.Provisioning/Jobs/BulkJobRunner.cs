using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Record;
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
    InstanceActions actions,
    InstanceChecker checker,
    BulkJobFeed feed,
    IOptions<PortalOptions> options,
    ISuspendAwareClock suspendAware,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<BulkJobRunner> logger)
#pragma warning restore CA1001
{
    /// <summary>How long a process is taken to be alive after it has last said so.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>The longest time that a busy platform is waited for before it is asked again.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long after the moment before the mark a request may be sent. The mark renews the lease, so no other process works on the job
    /// then.
    /// </summary>
    internal static readonly TimeSpan SendWithin = Lease - TimeSpan.FromSeconds(10);

    private const int PageSize = 50;
    private const int MaxBatch = 100;
    private const int MaxStaleTries = 3;
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly Guid _process = Guid.NewGuid();
    // For all jobs of this process together.
    private readonly SemaphoreSlim _calls = new(options.Value.BulkParallelism);

    /// <summary>Jobs that no process works on, oldest first: running ones, and cancelled ones with undecided started items.</summary>
    public async Task<IReadOnlyList<Guid>> FindDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        return await Due(db, now).AsNoTracking()
            .OrderBy(job => job.CreatedAt).Select(job => job.Id).Take(100).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    // A cancelled job keeps a lease while it has started items: see BulkJobService.CancelAsync and EndAsync.
    private static IQueryable<BulkJob> Due(PortalDb db, DateTimeOffset now) => db.Jobs.Where(job =>
        (job.State == JobState.Running && (job.LeaseUntil == null || job.LeaseUntil <= now))
        || (job.State == JobState.Cancelled && job.LeaseUntil != null && job.LeaseUntil <= now));

    /// <summary>Claims a job and works it off, until it is done or cancelled, or this process stops.</summary>
    public async Task RunAsync(Guid jobId, CancellationToken stoppingToken)
    {
        if (await ClaimAsync(jobId, stoppingToken).ConfigureAwait(false) is not { } job) return;

        var run = new Run(job, clock);
        try
        {
            await using (stoppingToken.Register(run.Stop).ConfigureAwait(false))
            using (feed.SubscribeToCancellation(jobId, run.Stop))
            {
                var renewing = RenewAsync(run);
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

            await EndAsync(run).ConfigureAwait(false);
        }
        finally
        {
            feed.SetPause(jobId, null);
            feed.Publish(jobId, JobChange.Ended);
        }
    }

    private async Task<BulkJob?> ClaimAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        // Losing the race is not an error: the winner does the work.
        var claimed = await Due(db, now)
            .Where(job => job.Id == jobId)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.ClaimedBy, _process).SetProperty(job => job.LeaseUntil, now + Lease), cancellationToken).ConfigureAwait(false);
        return claimed == 0 ? null : await db.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == jobId, cancellationToken).ConfigureAwait(false);
    }

    private async Task RenewAsync(Run run)
    {
        while (true)
        {
            try
            {
                await clock.WaitAsync(Renewal, run.RenewalEnds).ConfigureAwait(false);
                await using var db = await databases.CreateDbContextAsync(run.RenewalEnds).ConfigureAwait(false);
                var until = clock.GetUtcNow() + Lease;
                var renewed = await Held(db, run)
                    .ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, until), run.RenewalEnds).ConfigureAwait(false);
                if (renewed > 0) continue;
                // Cancelled by another process, or taken over by it.
                run.Stop();
                return;
            }
            catch (OperationCanceledException) when (run.RenewalEnds.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A database that is locked for a moment: the lease holds for three tries.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                BulkJobLog.RenewalFailed(logger, run.Job.Id, exception);
            }
        }
    }

    // The job while this process may work on it: claimed, and neither cancelled nor ended since.
    private IQueryable<BulkJob> Held(PortalDb db, Run run)
    {
        var (id, state) = (run.Job.Id, run.Job.State);
        return db.Jobs.Where(job => job.Id == id && job.State == state && job.ClaimedBy == _process);
    }

    private async Task WorkAsync(Run run, CancellationToken stoppingToken)
    {
        var results = Channel.CreateBounded<ItemResult>(new BoundedChannelOptions(MaxBatch) { SingleReader = true });
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

    private async IAsyncEnumerable<Item> ReadWaitingAsync(Run run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (true)
        {
            // Small pages: what is known of an instance is only a moment old when it is worked on.
            List<Item> page;
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
                    ? new Item(item, instance, accounts[instance.PlatformAccountId])
                    : new Item(item, null, null))];
            }

            foreach (var item in page) yield return item;
        }
    }

    /// <summary>Works on one instance, for as long as the platform is busy.</summary>
    /// <returns>What it came to; null where the job was stopped before anything was sent.</returns>
    private async Task<ItemResult?> ResultAsync(Run run, Item item, CancellationToken stoppingToken)
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
                outcome = await ActAsync(run, item, stoppingToken).ConfigureAwait(false);
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
            if (!outcome.IsBusy) return new ItemResult(item, outcome);
            Pause(run, outcome.RetryAfter);
        }
    }

    private void Pause(Run run, TimeSpan? retryAfter)
    {
        var wait = TimeSpan.FromTicks(Math.Clamp((retryAfter ?? UsualPause).Ticks, ShortestPause.Ticks, LongestPause.Ticks));
        if (!run.PauseUntil(clock.GetUtcNow() + wait)) return;
        BulkJobLog.Paused(logger, run.Job.Id, wait);
        feed.SetPause(run.Job.Id, run.PausedUntil);
    }

    private async Task<InstanceOutcome> ActAsync(Run run, Item item, CancellationToken stoppingToken)
    {
        if (item is not { Instance: { } instance, Account: { } account })
            return run.Job.Kind == JobKind.Delete ? new InstanceOutcome() : new InstanceOutcome { Nothing = texts["Job.Nothing.Gone"] };

        var start = new ChangeStart(item.Row.StartedAt is not null, () => MarkAsync(run, item), maySend: !run.IsCancelled);
        return run.Job.Kind switch
        {
            JobKind.Validate => await ValidateAsync(run, item, instance, start, stoppingToken).ConfigureAwait(false),
            JobKind.AddTags => await actions.RetagAsync(account, instance, add: true, run.Job.Tags, start, stoppingToken).ConfigureAwait(false),
            JobKind.RemoveTags => await actions.RetagAsync(account, instance, add: false, run.Job.Tags, start, stoppingToken).ConfigureAwait(false),
            JobKind.Enable when !start.WasStarted && (instance.State == InstanceState.Active
                || (instance.State == InstanceState.NeedsAttention && instance.Attention != AttentionReason.DisabledByPlatform))
                => new InstanceOutcome { Nothing = texts["Job.Nothing.Enabled"] },
            JobKind.Disable when !start.WasStarted && instance.State == InstanceState.Disabled => new InstanceOutcome { Nothing = texts["Job.Nothing.Disabled"] },
            JobKind.Enable or JobKind.Disable => await actions.SwitchAsync(account, instance, run.Job.Kind == JobKind.Enable, start).ConfigureAwait(false),
            JobKind.Delete => await actions.DeleteAsync(account, instance, start).ConfigureAwait(false),
            JobKind.Push => await actions.PushAsync(account, instance, stoppingToken, start).ConfigureAwait(false),
            _ => throw new InvalidOperationException($"A job of the kind {run.Job.Kind} is not worked off."),
        };
    }

    /// <summary>Stores that an item's call starts now, and renews the lease.</summary>
    /// <returns>Until when the call may be sent; null if the job was cancelled or taken over: then nothing is sent.</returns>
    private async Task<SendDeadline?> MarkAsync(Run run, Item item)
    {
        var (jobId, number) = (run.Job.Id, item.Row.InstanceNumber);
        // Before the lease is renewed: this process may be paused at any place from here to the request.
        var deadline = new SendDeadline(suspendAware, clock, SendWithin);
        try
        {
            await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
            await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
            var now = clock.GetUtcNow();
            var held = await Held(db, run)
                .ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, now + Lease)).ConfigureAwait(false);
            var marked = held == 0 ? 0 : await db.JobItems
                .Where(row => row.JobId == jobId && row.InstanceNumber == number && row.State == JobItemState.Waiting)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.StartedAt, row => row.StartedAt ?? now)).ConfigureAwait(false);
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            if (marked > 0) return deadline;
        }
        catch (Exception exception) when (StorageProblems.Find(exception) is not null)
        {
            // A database that cannot be written now: nothing is sent, and the item waits for the next run of the job.
            BulkJobLog.MarkFailed(logger, jobId, item.Row.InstanceId, exception);
        }

        run.Stop();
        return null;
    }

    private async Task<InstanceOutcome> ValidateAsync(Run run, Item item, ElementInstance instance, ChangeStart start, CancellationToken stoppingToken)
    {
        if (item.Row.StartedAt is { } since && await checker.FindSinceAsync(instance.Number, since, stoppingToken).ConfigureAwait(false) is { } kept) return From(kept);
        if (!await start.MarkAsync().ConfigureAwait(false)) return new InstanceOutcome { NotStarted = true };
        for (var tries = 1; ; tries++)
        {
            // It saves what it finds by itself: its own history is the record.
            var (result, isBusy, retryAfter) = await checker.CheckForJobAsync(instance.Id, run.Actor, stoppingToken).ConfigureAwait(false);
            if (isBusy) return new InstanceOutcome { IsBusy = true, RetryAfter = retryAfter };
            if (!result.Succeeded)
            {
                var problem = result.Problems[0];
                if (problem.Kind == ProblemKind.Stale && tries < MaxStaleTries) continue;
                return problem.Kind == ProblemKind.NotFound ? new InstanceOutcome { Nothing = texts["Job.Nothing.Gone"] } : new InstanceOutcome { Problem = problem };
            }

            return From(result.Value);
        }
    }

    private InstanceOutcome From(InstanceCheck check) => check switch
    {
        { Outcome: CheckOutcome.Alive } => new InstanceOutcome(),
        { Message: { } message } => new InstanceOutcome { Problem = new Problem(ProblemKind.Refused, message) },
        { Outcome: CheckOutcome.Disabled } => new InstanceOutcome { Nothing = texts["Job.Check.Disabled"] },
        _ => new InstanceOutcome { Problem = new Problem(ProblemKind.Unknown, texts["Job.Check.Missing"]) },
    };

    private async Task WriteAsync(Run run, Channel<ItemResult> results)
    {
        try
        {
            var batch = new List<ItemResult>(MaxBatch);
            while (await results.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                // Whatever is there goes into one transaction: a slow disk makes larger batches, not a slower job.
                while (batch.Count < MaxBatch && results.Reader.TryRead(out var result)) batch.Add(result);
                if (!await SaveAsync(run, batch).ConfigureAwait(false)) run.Stop();
                batch.Clear();
                feed.Publish(run.Job.Id, JobChange.Progressed);
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

    /// <returns>Whether the job is still to be worked on by this process.</returns>
    private async Task<bool> SaveAsync(Run run, List<ItemResult> batch)
    {
        var jobId = run.Job.Id;
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        // Immediate: from here on nobody else writes, so what is read here is what is changed.
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
        var ids = batch.Select(result => result.Item.Row.InstanceId).ToList();
        var numbers = batch.Select(result => result.Item.Row.InstanceNumber).ToList();
        var instances = await db.Instances.Where(instance => EF.Parameter(ids).Contains(instance.Id)).ToDictionaryAsync(instance => instance.Id).ConfigureAwait(false);
        var items = await db.JobItems.Where(item => item.JobId == jobId && item.State == JobItemState.Waiting && EF.Parameter(numbers).Contains(item.InstanceNumber))
            .ToDictionaryAsync(item => item.InstanceNumber).ConfigureAwait(false);

        var now = clock.GetUtcNow();
        foreach (var (item, outcome) in batch)
        {
            FieldChanges? changes = null;
            if (instances.TryGetValue(item.Row.InstanceId, out var instance))
            {
                if (outcome.Deleted)
                {
                    db.Instances.Remove(instance);
                }
                else
                {
                    outcome.Apply(instance);
                    if (outcome.Told) instance.LastCheckedAt = now;
                    changes = RowChanges.Of(db.Entry(instance));
                }
            }

            // Accounted for already: by a process that was believed dead and was not.
            if (!items.TryGetValue(item.Row.InstanceNumber, out var row)) continue;
            row.State = outcome switch { { Problem: not null } => JobItemState.Failed, { Nothing: not null } => JobItemState.Skipped, _ => JobItemState.Succeeded };
            row.Message = OutsideText.Clean(outcome.Problem?.Message ?? outcome.Nothing, BulkJobItem.MaxMessageLength);
            row.DoneAt = now;
            if (row.State != JobItemState.Skipped && item.Instance is { } known && Line(run.Job.Kind) is { } action)
            {
                db.Note(
                    run.Actor, now, action, known.Name, row.State == JobItemState.Succeeded, row.Message, known.Id, jobId, known.PlatformAccountId, changes: changes);
            }
        }

        if (run.Job.Kind == JobKind.Push)
        {
            var pushed = batch.Where(result => result.Outcome.Problem is null).Select(result => result.Item.Row.InstanceId).ToList();
            await PushedDrift.SettleAsync(db, pushed, CancellationToken.None).ConfigureAwait(false);
        }

        await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
        var (succeeded, failed, skipped) = (Count(JobItemState.Succeeded), Count(JobItemState.Failed), Count(JobItemState.Skipped));
        await db.Jobs.Where(job => job.Id == jobId).ExecuteUpdateAsync(set => set
            .SetProperty(job => job.Succeeded, job => job.Succeeded + succeeded)
            .SetProperty(job => job.Failed, job => job.Failed + failed)
            .SetProperty(job => job.Skipped, job => job.Skipped + skipped)).ConfigureAwait(false);
        var goesOn = await Held(db, run).AnyAsync().ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return goesOn;

        int Count(JobItemState state) => items.Values.Count(item => item.State == state);
    }

    /// <summary>Ends the job if no item is waiting; otherwise leaves it to the next process.</summary>
    private async Task EndAsync(Run run)
    {
        var jobId = run.Job.Id;
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var ended = await db.Jobs
            .Where(job => job.Id == jobId && job.State == JobState.Running && job.ClaimedBy == _process
                && !db.JobItems.Any(item => item.JobId == jobId && item.State == JobItemState.Waiting))
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.State, JobState.Done).SetProperty(job => job.EndedAt, now)).ConfigureAwait(false);
        // A cancelled job with started items that are not decided becomes due again.
        var undecided = await StartedItems.AnyAsync(db, jobId, JobState.Cancelled, CancellationToken.None).ConfigureAwait(false);
        var leaseUntil = undecided ? now + Lease : (DateTimeOffset?)null;
        await db.Jobs.Where(job => job.Id == jobId && job.ClaimedBy == _process)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.ClaimedBy, (Guid?)null).SetProperty(job => job.LeaseUntil, leaseUntil))
            .ConfigureAwait(false);
        if (ended > 0)
        {
            var job = await db.Jobs.AsNoTracking().SingleAsync(row => row.Id == jobId).ConfigureAwait(false);
            db.Note(
                run.Actor, now, ActivityAction.JobEnded, texts[$"Job.{job.Kind}"], succeeded: job.Failed == 0, jobId: jobId,
                detail: texts["Job.Numbers", job.Succeeded, job.Failed, job.Skipped]);
            await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
            BulkJobLog.Ended(logger, jobId, job.Succeeded, job.Failed, job.Skipped);
        }

        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static ActivityAction? Line(JobKind kind) => kind switch
    {
        JobKind.AddTags or JobKind.RemoveTags => ActivityAction.InstanceRenamed,
        JobKind.Enable => ActivityAction.InstanceEnabled,
        JobKind.Disable => ActivityAction.InstanceDisabled,
        JobKind.Delete => ActivityAction.InstanceDeleted,
        JobKind.Push => ActivityAction.InstancePushed,
        _ => null,
    };

    private sealed record Item(BulkJobItem Row, ElementInstance? Instance, PlatformAccount? Account);

    private sealed record ItemResult(Item Item, InstanceOutcome Outcome);

    /// <summary>A job while this process works on it.</summary>
#pragma warning disable CA1001 // Neither source has a timer or a wait handle, so there is nothing to dispose of; and whoever stops the job may come late.
    private sealed class Run(BulkJob job, TimeProvider clock)
#pragma warning restore CA1001
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _renewalEnds = new();
        private readonly Lock _gate = new();
        private DateTimeOffset? _pausedUntil;

        public BulkJob Job => job;

        /// <summary>Whether the job was cancelled before this run: only started items are decided, and nothing is sent.</summary>
        public bool IsCancelled => job.State == JobState.Cancelled;

        public Actor Actor { get; } = new(job.PersonId, job.PersonName);

        public CancellationToken Stopped => _stop.Token;

        public CancellationToken RenewalEnds => _renewalEnds.Token;

        public DateTimeOffset? PausedUntil
        {
            get
            {
                lock (_gate) return _pausedUntil;
            }
        }

        public bool IsPaused => PausedUntil > clock.GetUtcNow();

        public void Stop() => _stop.Cancel();

        public void EndRenewal() => _renewalEnds.Cancel();

        /// <returns>Whether that is later than what was known.</returns>
        public bool PauseUntil(DateTimeOffset time)
        {
            lock (_gate)
            {
                if (time <= _pausedUntil) return false;
                _pausedUntil = time;
                return true;
            }
        }

        public async Task WaitWhilePausedAsync()
        {
            while (PausedUntil is { } until && until - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
                await clock.WaitAsync(left, Stopped).ConfigureAwait(false);
            Stopped.ThrowIfCancellationRequested();
        }
    }
}
