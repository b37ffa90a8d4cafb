using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Bulk jobs: review, start, look at, call off. <see cref="BulkJobRunner"/> works on them.</summary>
public sealed class BulkJobService(
    IDbContextFactory<PortalDb> databases,
    IValidator<JobTags> validator,
    ChangeFeed feed,
    JobPauses pauses,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<BulkJobService> logger,
    Gate gate)
{
    /// <summary>The order in which a job's rows are shown: what needs a person comes first.</summary>
    private static readonly JobItemState[] ItemOrder = [JobItemState.Failed, JobItemState.Skipped, JobItemState.Succeeded, JobItemState.Waiting];

    /// <summary>What a job would do, before anything is done.</summary>
    /// <param name="selection">The instances.</param>
    /// <param name="kind">What is to be done to them.</param>
    /// <param name="tags">The tags to add or remove; without them nothing is counted as done already.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<JobReview>> ReviewAsync(InstanceSelection selection, JobKind kind, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        if (Check(selection) is { } problem) return problem;
        tags = Clean(tags);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = SelectedInstances.Of(db, selection);
        var total = await rows.CountAsync(cancellationToken).ConfigureAwait(false);
        var examples = await rows.OrderBy(row => row.Number).Take(JobReview.MaxExamples).Select(row => row.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
        var nothing = kind switch
        {
            JobKind.Enable => await rows.CountAsync(
                row => row.State == InstanceState.Active || (row.State == InstanceState.NeedsAttention && row.Attention != AttentionReason.DisabledByPlatform),
                cancellationToken).ConfigureAwait(false),
            JobKind.Disable => await rows.CountAsync(row => row.State == InstanceState.Disabled, cancellationToken).ConfigureAwait(false),
            JobKind.AddTags or JobKind.RemoveTags when tags.Count is > 0 and <= InputRules.MaxTags =>
                await SelectedInstances.CountTaggedAsync(db, selection, tags, all: kind == JobKind.AddTags, cancellationToken).ConfigureAwait(false),
            _ => 0,
        };
        return new JobReview(total, nothing, examples);
    }

    /// <summary>Makes a job: its row and one row for each instance, in one transaction. An export is done with that.</summary>
    /// <param name="selection">The instances.</param>
    /// <param name="kind">What is to be done to them.</param>
    /// <param name="tags">The tags to add or remove; empty for the other kinds.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="cancellationToken">Gives up before it is committed.</param>
    /// <param name="reviewed">How many instances the person agreed to: with another number nothing is started. Null where any number will do.</param>
    public async Task<Result<Guid>> StartAsync(
        InstanceSelection selection, JobKind kind, IReadOnlyList<string> tags, Actor actor, CancellationToken cancellationToken, int? reviewed = null)
    {
        var operation = kind == JobKind.Export ? Operation.Download : Operation.RunJobs;
        if (await (kind == JobKind.Delete ? gate.RefusalUnlessConfirmedAsync(actor, operation, cancellationToken) : gate.RefusalAsync(actor, operation, cancellationToken))
                .ConfigureAwait(false) is { } refusal) return refusal;
        if (Check(selection) is { } problem) return problem;
        var input = new JobTags { Tags = kind is JobKind.AddTags or JobKind.RemoveTags ? Clean(tags) : [] };
        if (kind is JobKind.AddTags or JobKind.RemoveTags && validator.Check(input) is { Length: > 0 } invalid) return invalid;

        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var isExport = kind == JobKind.Export;
        var job = new BulkJob
        {
            Id = Guid.CreateVersion7(now),
            Kind = kind,
            State = isExport ? JobState.Done : JobState.Running,
            CreatedAt = now,
            EndedAt = isExport ? now : null,
            PersonId = actor.PersonId,
            PersonName = OutsideText.Clean(actor.Name, ActivityEntry.MaxSubjectLength),
            Tags = [.. input.Tags],
            Total = 0,
        };
        db.Jobs.Add(job);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        job.Total = await SelectedInstances.InsertItemsAsync(
            db, selection, job.Id, isExport ? JobItemState.Succeeded : JobItemState.Waiting, isExport ? now : null, cancellationToken).ConfigureAwait(false);
        if (isExport) job.Succeeded = job.Total;
        // Leaving without a commit takes everything back.
        if (job.Total == 0) return new Problem(ProblemKind.NotFound, texts["Job.NoneLeft"]);
        if (reviewed is { } agreed && agreed != job.Total) return new Problem(ProblemKind.Stale, texts["Job.CountChanged", agreed, job.Total]);

        db.Note(
            actor, now, ActivityAction.JobStarted, texts[$"Job.{kind}"], jobId: job.Id,
            detail: (job.Total == 1 ? texts["Job.For.One"] : texts["Job.For", job.Total]) + (input.Tags.Count == 0 ? "" : " " + string.Join(", ", input.Tags)));
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        BulkJobLog.Started(logger, job.Id, kind, job.Total);
        feed.PublishWork(ChangeTopic.Jobs, job.Id);
        return job.Id;
    }

    /// <summary>One job; null when there is none with this id.</summary>
    public async Task<JobView?> FindAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var job = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(row => row.Id == jobId, cancellationToken).ConfigureAwait(false);
        return job is null ? null : View(job);
    }

    /// <summary>The jobs that are under way, then those that were started last.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<JobView>> ListRecentAsync(int count, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var jobs = await db.Jobs.AsNoTracking()
            .OrderByDescending(job => job.State == JobState.Running).ThenByDescending(job => job.CreatedAt).ThenByDescending(job => job.Id)
            .Take(count).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. jobs.Select(View)];
    }

    /// <summary>Rows of a job: failed ones first, then skipped, succeeded and waiting ones, each in the order in which they are worked off.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="state">Rows in this state alone; null for all.</param>
    /// <param name="after">Where to go on; null for the beginning.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<JobItemPage> ListItemsAsync(Guid jobId, JobItemState? state, JobItemCursor? after, int size, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<(JobItemView View, JobItemCursor At)>();
        // One state after the other: each is one stretch of the index.
        foreach (var part in ItemOrder.Where(part => state is null || part == state).SkipWhile(part => after is not null && part != after.State))
        {
            var from = part == after?.State ? after.Number : 0;
            var wanted = size + 1 - rows.Count;
            if (wanted <= 0) break;
            var found = await db.JobItems.AsNoTracking()
                .Where(item => item.JobId == jobId && item.State == part && item.InstanceNumber > from)
                .OrderBy(item => item.InstanceNumber).Take(wanted)
                .Select(item => new { Item = item, Exists = db.Instances.Any(instance => instance.Id == item.InstanceId) })
                .ToListAsync(cancellationToken).ConfigureAwait(false);
            rows.AddRange(found.Select(row => (
                new JobItemView(row.Item.InstanceId, row.Item.InstanceName, row.Exists, row.Item.State, row.Item.Message, row.Item.DoneAt),
                new JobItemCursor(part, row.Item.InstanceNumber))));
        }

        return new JobItemPage([.. rows.Take(size).Select(row => row.View)], rows.Count > size ? rows[size - 1].At : null);
    }

    /// <summary>
    /// Cancels a job. Instances that are being worked on are finished; what was done stays done. Items that a killed process had started
    /// are decided from what the platform shows.
    /// </summary>
    public async Task<Result<Done>> CancelAsync(Guid jobId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.RunJobs, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var job = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(row => row.Id == jobId, cancellationToken).ConfigureAwait(false);
        if (job is null) return new Problem(ProblemKind.NotFound, texts["Job.Gone"]);
        var now = clock.GetUtcNow();
        var cancelled = await db.Jobs.Where(row => row.Id == jobId && row.State == JobState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, JobState.Cancelled).SetProperty(row => row.EndedAt, now), cancellationToken).ConfigureAwait(false);
        if (cancelled == 0) return new Problem(ProblemKind.NotNow, texts["Job.Over"]);
        // No process works on it. With a lease that has run out, the worker takes it up to decide its started items.
        if (job.LeaseUntil is null && await StartedItems.AnyAsync(db, jobId, JobState.Cancelled, cancellationToken).ConfigureAwait(false))
        {
            await db.Jobs.Where(row => row.Id == jobId)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeaseUntil, now), cancellationToken).ConfigureAwait(false);
        }

        db.Note(
            actor, now, ActivityAction.JobCancelled, texts[$"Job.{job.Kind}"], jobId: jobId, detail: texts["Job.Numbers", job.Succeeded, job.Failed, job.Skipped]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        feed.Publish(ChangeTopic.JobCancellations, jobId);
        feed.Publish(ChangeTopic.Jobs, jobId);
        return default(Done);
    }

    private static List<string> Clean(IReadOnlyList<string> tags) => [.. tags.Select(tag => tag.Trim()).Where(tag => tag.Length > 0)];

    private Problem? Check(InstanceSelection selection) => selection.Ids?.Count switch
    {
        0 => new Problem(ProblemKind.Invalid, texts["Job.NothingSelected"]),
        > InstanceSelection.MaxIds => new Problem(ProblemKind.Invalid, texts["Job.TooManySelected", InstanceSelection.MaxIds]),
        _ => null,
    };

    private JobView View(BulkJob job) => new(
        job.Id, job.Kind, job.State, job.Tags, job.PersonName, job.CreatedAt, job.EndedAt, job.Total, job.Succeeded, job.Failed, job.Skipped,
        job.State == JobState.Running && pauses.Until(job.Id) is { } until && until > clock.GetUtcNow() ? until : null);
}
