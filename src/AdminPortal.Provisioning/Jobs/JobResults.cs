using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Stores what the items of a job came to, and ends the job.</summary>
internal sealed class JobResults(
    IDbContextFactory<PortalDb> databases, JobClaims claims, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILogger<JobResults> logger)
{
    /// <summary>Stores a batch in one transaction: what the instances learn, their rows, the job's numbers and the lines in the activity record.</summary>
    /// <returns>Whether the job is still to be worked on by this process.</returns>
    public async Task<bool> SaveAsync(JobRun run, List<JobWorkResult> batch)
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
        var goesOn = await claims.Held(db, run).AnyAsync().ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return goesOn;

        int Count(JobItemState state) => items.Values.Count(item => item.State == state);
    }

    /// <summary>Ends the job if no item is waiting; otherwise leaves it to the next process.</summary>
    public async Task EndAsync(JobRun run)
    {
        var jobId = run.Job.Id;
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var ended = await db.Jobs
            .Where(job => job.Id == jobId && job.State == JobState.Running && job.ClaimedBy == claims.Process
                && !db.JobItems.Any(item => item.JobId == jobId && item.State == JobItemState.Waiting))
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.State, JobState.Done).SetProperty(job => job.EndedAt, now)).ConfigureAwait(false);
        // A cancelled job with started items that are not decided becomes due again.
        var undecided = await StartedItems.AnyAsync(db, jobId, JobState.Cancelled, CancellationToken.None).ConfigureAwait(false);
        var leaseUntil = undecided ? now + JobClaims.Lease : (DateTimeOffset?)null;
        await db.Jobs.Where(job => job.Id == jobId && job.ClaimedBy == claims.Process)
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
}
