using AdminPortal.Domain;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Instances;

/// <summary>
/// What can be done to an instance on the platform, for one at a time and for many alike. Nothing is stored here: the
/// outcome says what the row has to learn.
/// </summary>
/// <remarks>A request that changes something is not cancelled once it has left; only what is asked before it is.</remarks>
public sealed class InstanceActions(IElementsPlatform platform, PlatformProblems problems, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>Switches it on or off.</summary>
    internal async Task<InstanceOutcome> SwitchAsync(PlatformAccount account, ElementInstance instance, bool enabled, ChangeStart? start = null)
    {
        if (start is { WasStarted: true })
        {
            var told = await platform.GetAsync(account, instance.PlatformId, CancellationToken.None).ConfigureAwait(false);
            if (told is not PlatformOutcome<PlatformInstance>.Success { Value: var shown }) return From(told, (_, _) => { });
            if (shown.IsDisabled == !enabled) return new InstanceOutcome { Told = true, Apply = Switched };
        }

        if (start is not null && !await start.MarkAsync().ConfigureAwait(false)) return new InstanceOutcome { NotStarted = true };
        var outcome = await platform.SetEnabledAsync(account, instance.PlatformId, enabled, CancellationToken.None, start?.Deadline)
            .ConfigureAwait(false);
        return await FromChangeAsync(account, instance, outcome, (row, _) => Switched(row)).ConfigureAwait(false);

        void Switched(ElementInstance row)
        {
            row.State = enabled ? InstanceState.Active : InstanceState.Disabled;
            row.Attention = null;
            row.AttentionMessage = null;
        }
    }

    /// <summary>Lets the platform keep a trace of its calls for so many minutes; null: no longer.</summary>
    internal async Task<InstanceOutcome> TraceAsync(PlatformAccount account, ElementInstance instance, int? minutes)
    {
        var outcome = await platform.SetTraceLoggingAsync(account, instance.PlatformId, minutes, CancellationToken.None).ConfigureAwait(false);
        return await FromChangeAsync(account, instance, outcome, (row, _) => row.TraceUntil = minutes is { } duration ? clock.GetUtcNow() + TimeSpan.FromMinutes(duration) : null)
            .ConfigureAwait(false);
    }

    /// <summary>Writes name and tags.</summary>
    /// <param name="account">The platform account.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="name">Its name; null leaves it.</param>
    /// <param name="tags">The person's tags, all of them.</param>
    /// <param name="deadline">Until when the request may be sent; null for a change that no other process can take over.</param>
    internal async Task<InstanceOutcome> DescribeAsync(
        PlatformAccount account, ElementInstance instance, string? name, IReadOnlyList<string> tags, SendDeadline? deadline = null)
    {
        // The platform replaces the whole list, so the portal's own tag is sent too.
        IReadOnlyList<string> all = instance.PortalTag is { } own ? [.. tags, own] : tags;
        var change = new InstanceChange(name, all) { Deadline = deadline };
        var outcome = await platform.UpdateAsync(account, instance.PlatformId, change, CancellationToken.None).ConfigureAwait(false);
        return await FromChangeAsync(account, instance, outcome, (row, told) =>
        {
            if (name is not null) row.Name = string.IsNullOrEmpty(told.Name) ? name : told.Name;
            row.Tags = Personal(told.Tags ?? all, instance);
        }).ConfigureAwait(false);
    }

    /// <summary>Adds tags, or removes them, and keeps the others: also those that were given on the platform meanwhile.</summary>
    internal async Task<InstanceOutcome> RetagAsync(
        PlatformAccount account, ElementInstance instance, bool add, IReadOnlyList<string> tags, ChangeStart start, CancellationToken cancellationToken)
    {
        if (!start.WasStarted && IsTagged(instance.Tags, add, tags)) return NothingToTag(add);

        var outcome = await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<PlatformInstance>.Success { Value: var told }) return From(outcome, (_, _) => { });
        var there = Personal(told.Tags ?? instance.Tags, instance);
        if (IsTagged(there, add, tags))
        {
            // Started before, so the tags are this change's own doing.
            var done = start.WasStarted ? new InstanceOutcome() : NothingToTag(add);
            return done with { Told = true, Apply = row => row.Tags = there };
        }

        List<string> wanted = add ? [.. there, .. tags.Except(there, StringComparer.Ordinal)] : [.. there.Except(tags, StringComparer.Ordinal)];
        if (wanted.Count > InputRules.MaxTags && add)
            return new InstanceOutcome { Problem = new Problem(ProblemKind.Invalid, texts["Tags.TooMany", InputRules.MaxTags]), Told = true };
        return await start.MarkAsync().ConfigureAwait(false)
            ? await DescribeAsync(account, instance, null, wanted, start.Deadline).ConfigureAwait(false)
            : new InstanceOutcome { NotStarted = true };
    }

    /// <summary>Writes the portal's name, tags and on/off to the platform, where they differ.</summary>
    internal async Task<InstanceOutcome> PushAsync(
        PlatformAccount account, ElementInstance instance, CancellationToken cancellationToken, ChangeStart? start = null)
    {
        var outcome = await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<PlatformInstance>.Success { Value: var told }) return From(outcome, (_, _) => { });

        var changed = false;
        var described = new InstanceOutcome { Told = true };
        var hasOwnTag = instance.PortalTag is null || told.Tags?.Contains(instance.PortalTag) != false;
        if ((told.Name ?? instance.Name) != instance.Name || !hasOwnTag || !Personal(told.Tags ?? [], instance).ToHashSet(StringComparer.Ordinal).SetEquals(instance.Tags))
        {
            if (start is not null && !await start.MarkAsync().ConfigureAwait(false)) return new InstanceOutcome { NotStarted = true };
            changed = true;
            described = await DescribeAsync(account, instance, instance.Name, instance.Tags, start?.Deadline).ConfigureAwait(false);
            if (described.Problem is not null || described.IsWithheld) return described;
        }

        // One that the platform switched off by itself is left alone: switched on without a new consent it would go off again.
        var off = instance.State == InstanceState.Disabled;
        if (instance.Attention != AttentionReason.DisabledByPlatform && (told.IsDisabled ?? off) != off)
        {
            // The first request may have taken longer than its deadline, so the second one has a deadline of its own.
            if (start is not null && !await start.MarkAsync().ConfigureAwait(false)) return new InstanceOutcome { NotStarted = true };
            var switched = await platform.SetEnabledAsync(account, instance.PlatformId, !off, CancellationToken.None, start?.Deadline)
                .ConfigureAwait(false);
            var result = await FromChangeAsync(account, instance, switched, (_, _) => { }).ConfigureAwait(false);
            return result with
            {
                Apply = row =>
                {
                    described.Apply(row);
                    result.Apply(row);
                },
            };
        }

        return changed || start is { WasStarted: true } ? described : described with { Nothing = texts["Job.Nothing.Same"] };
    }

    /// <summary>Deletes it. One that the platform does not know counts as deleted.</summary>
    internal async Task<InstanceOutcome> DeleteAsync(PlatformAccount account, ElementInstance instance, ChangeStart? start = null)
    {
        if (start is { MaySend: false })
        {
            var told = await platform.GetAsync(account, instance.PlatformId, CancellationToken.None).ConfigureAwait(false);
            return told switch
            {
                PlatformOutcome<PlatformInstance>.Success => new InstanceOutcome { Told = true, NotStarted = true },
                PlatformOutcome<PlatformInstance>.Refused { Status: 404 } => new InstanceOutcome { Told = true, Deleted = true },
                _ => From(told, (_, _) => { }),
            };
        }

        if (start is not null && !await start.MarkAsync().ConfigureAwait(false)) return new InstanceOutcome { NotStarted = true };
        var outcome = await platform.DeleteAsync(account, instance.PlatformId, CancellationToken.None, start?.Deadline)
            .ConfigureAwait(false);
        if (outcome is not PlatformOutcome<Done>.Refused { Status: 404 })
            return From(outcome, (_, _) => { }) with { Deleted = outcome is PlatformOutcome<Done>.Success };
        return await IsMissingAsync(account, instance).ConfigureAwait(false)
            ? new InstanceOutcome { Told = true, Deleted = true }
            : new InstanceOutcome { Told = true, Problem = problems.From(outcome) };
    }

    private static bool IsTagged(IEnumerable<string> there, bool add, IReadOnlyList<string> tags) =>
        add ? !tags.Except(there, StringComparer.Ordinal).Any() : !tags.Intersect(there, StringComparer.Ordinal).Any();

    private static List<string> Personal(IEnumerable<string> tags, ElementInstance instance) => [.. tags.Where(tag => tag != instance.PortalTag)];

    private InstanceOutcome NothingToTag(bool add) => new() { Nothing = add ? texts["Job.Nothing.Tagged"] : texts["Job.Nothing.Untagged"] };

    /// <summary>
    /// The outcome of a change. 404 for a change may be that of a proxy, or of an endpoint that the platform does not have: only a
    /// GET of the instance says that it is missing.
    /// </summary>
    private async Task<InstanceOutcome> FromChangeAsync<T>(
        PlatformAccount account, ElementInstance instance, PlatformOutcome<T> outcome, Action<ElementInstance, T> learn) =>
        outcome is PlatformOutcome<T>.Refused { Status: 404 } && !await IsMissingAsync(account, instance).ConfigureAwait(false)
            ? new InstanceOutcome { Told = true, Problem = problems.From(outcome) }
            : From(outcome, learn);

    private async Task<bool> IsMissingAsync(PlatformAccount account, ElementInstance instance) =>
        await platform.GetAsync(account, instance.PlatformId, CancellationToken.None).ConfigureAwait(false) is PlatformOutcome<PlatformInstance>.Refused { Status: 404 };

    private InstanceOutcome From<T>(PlatformOutcome<T> outcome, Action<ElementInstance, T> learn) => outcome switch
    {
        PlatformOutcome<T>.Success { Value: var value } => new InstanceOutcome { Told = true, Apply = row => learn(row, value) },
        PlatformOutcome<T>.Refused { Status: 404 } => new InstanceOutcome
        {
            Problem = problems.From(outcome),
            Told = true,
            Apply = row => row.State = InstanceState.MissingOnPlatform,
        },
        PlatformOutcome<T>.Refused { Status: 429 } busy => new InstanceOutcome { Problem = problems.From(outcome), IsBusy = true, RetryAfter = busy.RetryAfter, Told = true },
        PlatformOutcome<T>.Refused => new InstanceOutcome { Problem = problems.From(outcome), Told = true },
        // Withheld after a pause: another process may have taken the change over.
        PlatformOutcome<T>.Unreachable { Reason: UnsentReason.Paused } => new InstanceOutcome { IsWithheld = true },
        // A platform that was not reached, or that answered nothing clear, has told nothing.
        _ => new InstanceOutcome { Problem = problems.From(outcome) },
    };
}
