using AdminPortal.Domain;
using AdminPortal.Domain.Jobs;
using AdminPortal.Platform;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Which process works on a job: claims it, keeps the claim, and marks items as started while it holds.</summary>
internal sealed class JobClaims(IDbContextFactory<PortalDb> databases, ISuspendAwareClock suspendAware, TimeProvider clock, ILogger<JobClaims> logger)
{
    /// <summary>How long a process is taken to be alive after it has last said so.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after the moment before the mark a request may be sent. The mark renews the lease, so no other process works on the job
    /// then.
    /// </summary>
    public static readonly TimeSpan SendWithin = Lease - TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);

    /// <summary>How this process is named in the jobs that it has claimed.</summary>
    public Guid Process { get; } = Guid.NewGuid();

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

    /// <summary>Claims a job.</summary>
    /// <returns>The job; null if another process was quicker or it is not due any more.</returns>
    public async Task<BulkJob?> ClaimAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        // Losing the race is not an error: the winner does the work.
        var claimed = await Due(db, now)
            .Where(job => job.Id == jobId)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.ClaimedBy, Process).SetProperty(job => job.LeaseUntil, now + Lease), cancellationToken).ConfigureAwait(false);
        return claimed == 0 ? null : await db.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == jobId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renews the lease until the run ends, and stops the run when it is lost.</summary>
    public async Task RenewAsync(JobRun run)
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

    /// <summary>The job while this process may work on it: claimed, and neither cancelled nor ended since.</summary>
    public IQueryable<BulkJob> Held(PortalDb db, JobRun run)
    {
        var (id, state) = (run.Job.Id, run.Job.State);
        return db.Jobs.Where(job => job.Id == id && job.State == state && job.ClaimedBy == Process);
    }

    /// <summary>Stores that an item's call starts now, and renews the lease.</summary>
    /// <returns>Until when the call may be sent; null if the job was cancelled or taken over: then nothing is sent.</returns>
    public async Task<SendDeadline?> MarkAsync(JobRun run, JobWork item)
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
}
