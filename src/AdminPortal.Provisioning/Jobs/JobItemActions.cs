using AdminPortal.Domain;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Does with one instance what its job is for.</summary>
internal sealed class JobItemActions(InstanceActions actions, InstanceChecker checker, JobClaims claims, IStringLocalizer<ProvisioningText> texts)
{
    private const int MaxStaleTries = 3;

    public async Task<InstanceOutcome> ActAsync(JobRun run, JobWork item, CancellationToken stoppingToken)
    {
        if (item is not { Instance: { } instance, Account: { } account })
            return run.Job.Kind == JobKind.Delete ? new InstanceOutcome() : new InstanceOutcome { Nothing = texts["Job.Nothing.Gone"] };

        var start = new ChangeStart(item.Row.StartedAt is not null, () => claims.MarkAsync(run, item), maySend: !run.IsCancelled);
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

    private async Task<InstanceOutcome> ValidateAsync(JobRun run, JobWork item, ElementInstance instance, ChangeStart start, CancellationToken stoppingToken)
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
}
