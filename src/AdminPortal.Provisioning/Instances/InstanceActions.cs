using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Platform;
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
    internal async Task<InstanceOutcome> SwitchAsync(PlatformAccount account, ElementInstance instance, bool enabled)
    {
        var outcome = await platform.SetEnabledAsync(account, instance.PlatformId, enabled, CancellationToken.None).ConfigureAwait(false);
        return From(outcome, (row, _) =>
        {
            row.State = enabled ? InstanceState.Active : InstanceState.Disabled;
            row.Attention = null;
            row.AttentionMessage = null;
        });
    }

    /// <summary>Lets the platform keep a trace of its calls for so many minutes; null: no longer.</summary>
    internal async Task<InstanceOutcome> TraceAsync(PlatformAccount account, ElementInstance instance, int? minutes)
    {
        var outcome = await platform.SetTraceLoggingAsync(account, instance.PlatformId, minutes, CancellationToken.None).ConfigureAwait(false);
        return From(outcome, (row, _) => row.TraceUntil = minutes is { } duration ? clock.GetUtcNow() + TimeSpan.FromMinutes(duration) : null);
    }

    /// <summary>Writes name and tags.</summary>
    /// <param name="account">The platform account.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="name">Its name; null leaves it.</param>
    /// <param name="tags">The person's tags, all of them.</param>
    internal async Task<InstanceOutcome> DescribeAsync(PlatformAccount account, ElementInstance instance, string? name, IReadOnlyList<string> tags)
    {
        // The platform replaces the whole list, so the portal's own tag has to go along.
        IReadOnlyList<string> all = instance.PortalTag is { } own ? [.. tags, own] : tags;
        var outcome = await platform.UpdateAsync(account, instance.PlatformId, new InstanceChange(name, all), CancellationToken.None).ConfigureAwait(false);
        return From(outcome, (row, told) =>
        {
            if (name is not null) row.Name = string.IsNullOrEmpty(told.Name) ? name : told.Name;
            row.Tags = Personal(told.Tags ?? all, instance);
        });
    }

    /// <summary>Adds tags, or removes them, and keeps the others: also those that were given on the platform meanwhile.</summary>
    internal async Task<InstanceOutcome> RetagAsync(
        PlatformAccount account, ElementInstance instance, bool add, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        if (IsTagged(instance.Tags, add, tags)) return NothingToTag(add);

        var outcome = await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<PlatformInstance>.Success { Value: var told }) return From(outcome, (_, _) => { });
        var there = Personal(told.Tags ?? instance.Tags, instance);
        if (IsTagged(there, add, tags)) return NothingToTag(add) with { Told = true, Apply = row => row.Tags = there };

        List<string> wanted = add ? [.. there, .. tags.Except(there, StringComparer.Ordinal)] : [.. there.Except(tags, StringComparer.Ordinal)];
        return wanted.Count > InputRules.MaxTags && add
            ? new InstanceOutcome { Problem = new Problem(ProblemKind.Invalid, texts["Tags.TooMany", InputRules.MaxTags]), Told = true }
            : await DescribeAsync(account, instance, null, wanted).ConfigureAwait(false);
    }

    /// <summary>Writes the portal's name, tags and on/off to the platform, where they differ.</summary>
    internal async Task<InstanceOutcome> PushAsync(PlatformAccount account, ElementInstance instance, CancellationToken cancellationToken)
    {
        var outcome = await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
        if (outcome is not PlatformOutcome<PlatformInstance>.Success { Value: var told }) return From(outcome, (_, _) => { });

        var changed = false;
        var described = new InstanceOutcome { Told = true };
        var hasOwnTag = instance.PortalTag is null || told.Tags?.Contains(instance.PortalTag) != false;
        if ((told.Name ?? instance.Name) != instance.Name || !hasOwnTag || !Personal(told.Tags ?? [], instance).ToHashSet(StringComparer.Ordinal).SetEquals(instance.Tags))
        {
            changed = true;
            described = await DescribeAsync(account, instance, instance.Name, instance.Tags).ConfigureAwait(false);
            if (described.Problem is not null) return described;
        }

        // One that the platform switched off by itself is left alone: switched on without a new consent it would go off again.
        var off = instance.State == InstanceState.Disabled;
        if (instance.Attention != AttentionReason.DisabledByPlatform && (told.IsDisabled ?? off) != off)
        {
            changed = true;
            var switched = await platform.SetEnabledAsync(account, instance.PlatformId, !off, CancellationToken.None).ConfigureAwait(false);
            var result = From(switched, (_, _) => { });
            return result with
            {
                Apply = row =>
                {
                    described.Apply(row);
                    result.Apply(row);
                },
            };
        }

        return changed ? described : described with { Nothing = texts["Job.Nothing.Same"] };
    }

    /// <summary>Deletes it. One that the platform does not know is as good as deleted.</summary>
    internal async Task<InstanceOutcome> DeleteAsync(PlatformAccount account, ElementInstance instance)
    {
        var outcome = await platform.DeleteAsync(account, instance.PlatformId, CancellationToken.None).ConfigureAwait(false);
        return outcome is PlatformOutcome<Done>.Refused { Status: 404 }
            ? new InstanceOutcome { Told = true, Deleted = true }
            : From(outcome, (_, _) => { }) with { Deleted = outcome is PlatformOutcome<Done>.Success };
    }

    private static bool IsTagged(IEnumerable<string> there, bool add, IReadOnlyList<string> tags) =>
        add ? !tags.Except(there, StringComparer.Ordinal).Any() : !tags.Intersect(there, StringComparer.Ordinal).Any();

    private static List<string> Personal(IEnumerable<string> tags, ElementInstance instance) => [.. tags.Where(tag => tag != instance.PortalTag)];

    private InstanceOutcome NothingToTag(bool add) => new() { Nothing = add ? texts["Job.Nothing.Tagged"] : texts["Job.Nothing.Untagged"] };

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
        // A platform that was not reached, or that answered nothing clear, has told nothing.
        _ => new InstanceOutcome { Problem = problems.From(outcome) },
    };
}
