using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Instances;

/// <summary>Instances: list, look at, edit, enable, disable, delete.</summary>
public sealed class InstanceService(
    IDbContextFactory<PortalDb> databases,
    InstanceActions actions,
    ElementCatalog catalog,
    IValidator<InstanceEdit> validator,
    InstanceWork work,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    public const int MinTraceMinutes = 1;
    public const int MaxTraceMinutes = 1440;

    /// <summary>How long the platform traces where it is not told (platform contract, section 1b).</summary>
    public const int DefaultTraceMinutes = 30;

    /// <summary>One page of the list.</summary>
    /// <remarks>
    /// Pages are cut by the sort key and number of the row at their edge, not by counting rows off: a page far down costs
    /// what the first one does, and rows that come or go meanwhile neither repeat nor hide others.
    /// </remarks>
    public async Task<InstancePage> ListAsync(InstanceListQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var sql = new InstanceListSql(db);
        var backwards = query.Last || (query.Before is not null && query.After is null);
        var rows = await sql.ReadAsync(query, query.PageSize + 1, cancellationToken).ConfigureAwait(false);
        var hasMore = rows.Count > query.PageSize;
        if (hasMore) rows.RemoveAt(backwards ? 0 : query.PageSize);
        var hasPrevious = backwards ? hasMore : query.After is not null;
        var hasNext = backwards ? !query.Last : hasMore;
        return new InstancePage(
            [.. rows.Select(pair => pair.Row with { ElementName = catalog.NameOf(pair.Row.ElementKey) })],
            hasPrevious && rows is [var first, ..] ? first.Edge : null,
            hasNext && rows is [.., var last] ? last.Edge : null);
    }

    /// <summary>How many instances match. It goes through all of them: ask when the filters change, not for every page.</summary>
    public async Task<InstanceCount> CountAsync(InstanceListQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await new InstanceListSql(db).CountAsync(query, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many instances there are in each state.</summary>
    public async Task<IReadOnlyDictionary<InstanceState, int>> CountByStateAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var counts = await db.Instances.GroupBy(row => row.State).Select(group => new { group.Key, Count = group.Count() })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        // Different texts that are no state are one and the same here, and no state to be counted.
        return counts.Where(group => !Unreadable.Is(group.Key)).ToDictionary(group => group.Key, group => group.Count);
    }

    /// <summary>One instance; null when there is none with this id.</summary>
    public async Task<InstanceView?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (instance is null) return null;
        // None where the row is damaged and names no account.
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        return new InstanceView(
            instance.Id, instance.PlatformId, instance.Name, instance.Tags, instance.PortalTag, instance.ElementKey, catalog.NameOf(instance.ElementKey),
            instance.AccountServer, instance.State, account?.Name ?? "", account?.BaseUrl ?? "", instance.AttemptId, instance.LastCheckedAt, instance.CreatedAt)
        {
            PlatformAccountId = instance.PlatformAccountId,
            ProviderAppId = instance.ProviderAppId,
            Attention = instance.Attention,
            AttentionMessage = instance.AttentionMessage,
            HasLegacyKey = instance.HasLegacyKey,
            RefreshedAt = instance.RefreshedAt,
            RefreshIntervalSeconds = instance.RefreshIntervalSeconds,
            TraceUntil = instance.TraceUntil,
            Version = instance.Version,
            IsUnreadable = instance.IsUnreadable(),
        };
    }

    /// <summary>Changes name and tags on the platform, and then here to what the platform made of them.</summary>
    public async Task<Result<Done>> EditAsync(Guid id, InstanceEdit edit, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ChangeInstances, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        edit = new InstanceEdit { Name = edit.Name.Trim(), Tags = [.. edit.Tags.Select(tag => tag.Trim()).Where(tag => tag.Length > 0)], Version = edit.Version };
        if (validator.Check(edit) is { Length: > 0 } invalid) return invalid;

        return await ActAsync(
            id, actor, ActivityAction.InstanceRenamed, null, (account, instance) => actions.DescribeAsync(account, instance, edit.Name, edit.Tags), cancellationToken,
            edit.Version).ConfigureAwait(false);
    }

    /// <summary>Switches an instance on or off on the platform.</summary>
    public async Task<Result<Done>> SetEnabledAsync(Guid id, bool enabled, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ChangeInstances, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        return await ActAsync(
            id, actor, enabled ? ActivityAction.InstanceEnabled : ActivityAction.InstanceDisabled, null,
            (account, instance) => actions.SwitchAsync(account, instance, enabled), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the platform keep a trace of the instance's calls for so many minutes, or no longer.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="minutes">From <see cref="MinTraceMinutes"/> to <see cref="MaxTraceMinutes"/>; null switches it off.</param>
    /// <param name="actor">Who switches it.</param>
    /// <param name="cancellationToken">Gives up before anything was sent.</param>
    public async Task<Result<Done>> SetTraceAsync(Guid id, int? minutes, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ChangeInstances, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (minutes is < MinTraceMinutes or > MaxTraceMinutes)
            return new Problem(ProblemKind.Invalid, texts["Trace.Minutes", MinTraceMinutes, MaxTraceMinutes], "Minutes");
        return await ActAsync(
            id, actor, ActivityAction.TraceSwitched, minutes is { } on ? texts["Trace.On", on] : texts["Trace.Off"],
            (account, instance) => actions.TraceAsync(account, instance, minutes), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes an instance on the platform and then here. One that the platform does not know is removed here.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="typedName">What the person typed to confirm: the instance's name.</param>
    /// <param name="actor">Who deletes it.</param>
    /// <param name="cancellationToken">Gives up before anything was sent.</param>
    public async Task<Result<Done>> DeleteAsync(Guid id, string typedName, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.DeleteInstances, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (instance is null) return Gone();
        if (!string.Equals(typedName.Trim(), instance.Name.Trim(), StringComparison.Ordinal))
            return new Problem(ProblemKind.Invalid, texts["Instance.DeleteName"], "Name");

        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var problem = (await actions.DeleteAsync(account, instance).ConfigureAwait(false)).Problem;
        db.Note(actor, clock.GetUtcNow(), ActivityAction.InstanceDeleted, instance, problem is null, problem?.Message);
        if (problem is null) await ForgetAsync(db, instance).ConfigureAwait(false);
        await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
        return problem is null ? default(Done) : problem;
    }

    // Gone on the platform, the row goes whatever anybody else changes of it meanwhile.
    private static async Task ForgetAsync(PortalDb db, ElementInstance instance)
    {
        db.Entry(instance).State = EntityState.Detached;
        await db.Instances.Where(row => row.Number == instance.Number).ExecuteDeleteAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private Task<Result<Done>> ActAsync(
        Guid id, Actor actor, ActivityAction action, string? detail, Func<PlatformAccount, ElementInstance, Task<InstanceOutcome>> act, CancellationToken cancellationToken,
        int? version = null) =>
        work.ChangeAsync<Done>(id, actor, action, detail, async (account, instance) =>
        {
            var outcome = await act(account, instance).ConfigureAwait(false);
            outcome.Apply(instance);
            return outcome.Problem is { } problem ? problem : default(Done);
        }, cancellationToken, version: version);

    private Problem Gone() => new(ProblemKind.NotFound, texts["Instance.Gone"]);
}
