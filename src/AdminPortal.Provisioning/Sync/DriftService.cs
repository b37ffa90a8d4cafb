using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Jobs;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Sync;

/// <summary>Settles differences between the platform and the portal: adopt, push, ignore.</summary>
/// <remarks>
/// Work on many goes in stretches, each in a transaction of its own with its line in the activity record. A settled
/// difference is gone with its stretch, so what was interrupted is taken up by asking again.
/// </remarks>
public sealed class DriftService(
    IDbContextFactory<PortalDb> databases,
    InstanceActions actions,
    PlatformAdoption adoption,
    BulkJobService jobs,
    ChangeFeed feed,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    private const int ChangedAtOnce = 500;

    /// <summary>
    /// Takes the platform's side: what is only there is added here, changed fields get the platform's values, and what
    /// is only here is removed here. Nothing is sent to the platform.
    /// </summary>
    public async Task<Result<DriftOutcome>> AdoptAsync(Guid accountId, DriftSelection selection, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Synchronize, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await FindAccountAsync(db, accountId, cancellationToken).ConfigureAwait(false) is not { } account) return new Problem(ProblemKind.NotFound, texts["Account.Gone"]);

        var tally = new DriftTally();
        if (selection.Kind is null or DriftKind.OnlyOnPlatform) await adoption.AddAsync(account, selection, actor, tally, cancellationToken).ConfigureAwait(false);
        if (selection.Kind is null or DriftKind.Changed)
        {
            await InStretchesAsync(
                account, selection, DriftKind.Changed, tally, (stretch, items) => TakeAsync(stretch, account, items, actor, tally, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }

        if (selection.Kind is null or DriftKind.OnlyHere)
        {
            await InStretchesAsync(
                account, selection, DriftKind.OnlyHere, tally, (stretch, items) => ForgetAsync(stretch, account, items, actor, tally, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }

        return Over(account, selection, tally);
    }

    /// <summary>Writes one instance's name, tags and on/off to the platform, where they differ.</summary>
    /// <remarks>A request that has left is waited for, and what it came to is written down even if the page was closed meanwhile.</remarks>
    public async Task<Result<Done>> PushAsync(Guid accountId, Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Synchronize, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var item = await db.Drift.AsNoTracking().SingleOrDefaultAsync(row => row.PlatformAccountId == accountId && row.Id == id, cancellationToken).ConfigureAwait(false);
        var instance = await db.Instances.SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (item is null) return new Problem(ProblemKind.NotFound, texts["Drift.Gone"]);
        if (item.Kind != DriftKind.Changed || instance is null) return new Problem(ProblemKind.NotNow, texts["Drift.CannotPush", item.Name]);
        if (!IsPushable(item)) return new Problem(ProblemKind.NotNow, texts["Drift.ServerStays", item.Name]);

        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == accountId, cancellationToken).ConfigureAwait(false);
        var outcome = await actions.PushAsync(account, instance, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        outcome.Apply(instance);
        if (outcome.Told) instance.LastCheckedAt = now;
        if (outcome.Problem is null) await PushedDrift.SettleAsync(db, [id], CancellationToken.None).ConfigureAwait(false);
        db.Note(actor, now, ActivityAction.InstancePushed, instance, outcome.Problem is null, outcome.Problem?.Message ?? outcome.Nothing ?? texts["Drift.Pushed", FieldNames(item.Fields)]);
        try
        {
            await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DbUpdateConcurrencyException)
        {
            return outcome.Problem ?? new Problem(ProblemKind.Stale, texts["Drift.ChangedSince", item.Name]);
        }

        feed.Publish(ChangeTopic.Sync, accountId);
        return outcome.Problem is null ? default(Done) : outcome.Problem;
    }

    /// <summary>Begins to write the portal's values for all changed instances, as bulk jobs: they go on by themselves, and have a record of their own.</summary>
    /// <returns>The jobs; there are several where one cannot hold all.</returns>
    public async Task<Result<IReadOnlyList<Guid>>> PushAllAsync(Guid accountId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Synchronize, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var begun = new List<Guid>();
        var after = long.MinValue;
        while (true)
        {
            var from = after;
            var items = await Chosen(db, accountId, DriftSelection.All(DriftKind.Changed)).AsNoTracking().Where(item => item.PlatformId > from)
                .OrderBy(item => item.PlatformId).Take(InstanceSelection.MaxIds).Select(item => new { item.Id, item.PlatformId }).ToListAsync(cancellationToken).ConfigureAwait(false);
            if (items.Count == 0) return begun.Count > 0 ? begun : new Problem(ProblemKind.NotFound, texts["Drift.Gone"]);
            after = items[^1].PlatformId;
            var job = await jobs.StartAsync(InstanceSelection.Of(items.Select(item => item.Id)), JobKind.Push, [], actor, cancellationToken).ConfigureAwait(false);
            if (!job.Succeeded) return job.Problems.ToArray();
            begun.Add(job.Value);
        }
    }

    /// <summary>Sets differences aside: they are not shown until they change.</summary>
    public Task<Result<DriftOutcome>> IgnoreAsync(Guid accountId, DriftSelection selection, Actor actor, CancellationToken cancellationToken) =>
        SetIgnoredAsync(accountId, selection, true, actor, cancellationToken);

    /// <summary>Shows differences again that were set aside.</summary>
    public Task<Result<DriftOutcome>> UnignoreAsync(Guid accountId, DriftSelection selection, Actor actor, CancellationToken cancellationToken) =>
        SetIgnoredAsync(accountId, selection, false, actor, cancellationToken);

    private async Task<Result<DriftOutcome>> SetIgnoredAsync(Guid accountId, DriftSelection selection, bool ignored, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Synchronize, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await FindAccountAsync(db, accountId, cancellationToken).ConfigureAwait(false) is not { } account) return new Problem(ProblemKind.NotFound, texts["Account.Gone"]);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var items = db.Drift.Where(item => item.PlatformAccountId == accountId && item.Ignored != ignored);
        items = selection.Ids is { } ids ? items.Where(item => ids.Contains(item.Id)) : items.Where(item => item.Kind == selection.Kind);
        var first = await items.Select(item => new { item.Id, item.Name }).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var count = await items.ExecuteUpdateAsync(
            set => set.SetProperty(item => item.Ignored, ignored).SetProperty(item => item.Version, item => item.Version + 1), cancellationToken).ConfigureAwait(false);
        if (count == 0 || first is null) return new Problem(ProblemKind.NotFound, texts["Drift.Gone"]);
        var now = clock.GetUtcNow();
        if (count == 1)
            db.Note(actor, now, ActivityAction.DriftIgnored, first.Name, detail: ignored ? texts["Drift.IgnoredOne"] : texts["Drift.UnignoredOne"], instanceId: first.Id, accountId: accountId);
        else
            db.Note(actor, now, ActivityAction.DriftIgnored, account.Name, detail: ignored ? texts["Drift.Ignored", count] : texts["Drift.Unignored", count], accountId: accountId);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        feed.Publish(ChangeTopic.Sync, accountId);
        return new DriftOutcome(count, 0, null);
    }

    /// <summary>Gives changed instances the platform's values, where they still stand as they were compared.</summary>
    private async Task TakeAsync(PortalDb db, PlatformAccount account, List<DriftItem> items, Actor actor, DriftTally tally, CancellationToken cancellationToken)
    {
        var ids = items.ConvertAll(item => item.Id);
        var instances = await db.Instances.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancellationToken).ConfigureAwait(false);
        var runs = items.Select(item => item.RunId).Distinct().ToList();
        var platformIds = items.ConvertAll(item => item.PlatformId);
        var rows = await db.SyncRows.AsNoTracking().Where(row => runs.Contains(row.RunId) && platformIds.Contains(row.PlatformId))
            .ToDictionaryAsync(row => (row.RunId, row.PlatformId), cancellationToken).ConfigureAwait(false);
        var taken = new List<(ElementInstance Instance, DriftItem Item)>();
        foreach (var item in items)
        {
            if (!instances.TryGetValue(item.Id, out var instance))
            {
                // Removed here since: nothing is left to differ.
                db.Drift.Remove(item);
                tally.Leave(texts["Drift.Gone"]);
            }
            else if (!rows.TryGetValue((item.RunId, item.PlatformId), out var row))
            {
                tally.Leave(texts["Drift.NotListed", item.Name]);
            }
            else if (!item.Fields.SequenceEqual(SyncDifferences.Between(SyncDifferences.Side.Of(row), SyncDifferences.Side.Of(instance))))
            {
                tally.Leave(texts["Drift.ChangedSince", item.Name]);
            }
            else
            {
                Take(instance, row, item.Fields);
                db.Drift.Remove(item);
                taken.Add((instance, item));
            }
        }

        var now = clock.GetUtcNow();
        if (taken is [var (only, its)])
            db.Note(actor, now, ActivityAction.InstanceAdopted, only, detail: texts["Drift.TakenOne", FieldNames(its.Fields)], changes: RowChanges.Of(db.Entry(only)));
        else if (taken.Count > 1)
            db.Note(actor, now, ActivityAction.InstanceAdopted, account.Name, detail: texts["Drift.Taken", taken.Count], accountId: account.Id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        tally.Add(taken.Count);
    }

    private static void Take(ElementInstance instance, SyncRow row, List<DriftField> fields)
    {
        foreach (var field in fields)
        {
            switch (field.Name)
            {
                case SyncDifferences.Name:
                    instance.Name = row.Name;
                    break;
                case SyncDifferences.Tags:
                    instance.Tags = [.. row.Tags!];
                    break;
                case SyncDifferences.State:
                    instance.State = row.State;
                    instance.Attention = row.State == InstanceState.NeedsAttention ? AttentionReason.NotValid : null;
                    instance.AttentionMessage = null;
                    break;
                case SyncDifferences.AccountServer:
                    instance.AccountServer = row.AccountServer;
                    break;
            }
        }
    }

    /// <summary>Removes instances here that the platform does not have.</summary>
    private async Task ForgetAsync(PortalDb db, PlatformAccount account, List<DriftItem> items, Actor actor, DriftTally tally, CancellationToken cancellationToken)
    {
        var ids = items.ConvertAll(item => item.Id);
        var instances = await db.Instances.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancellationToken).ConfigureAwait(false);
        var forgotten = new List<ElementInstance>();
        foreach (var item in items)
        {
            if (!instances.TryGetValue(item.Id, out var instance))
            {
                tally.Leave(texts["Drift.Gone"]);
            }
            else if (instance.State != InstanceState.MissingOnPlatform)
            {
                tally.Leave(texts["Drift.BackOnPlatform", item.Name]);
            }
            else
            {
                db.Instances.Remove(instance);
                forgotten.Add(instance);
            }

            db.Drift.Remove(item);
        }

        var now = clock.GetUtcNow();
        if (forgotten is [var only])
            db.Note(actor, now, ActivityAction.InstanceForgotten, only);
        else if (forgotten.Count > 1)
            db.Note(actor, now, ActivityAction.InstanceForgotten, account.Name, detail: texts["Drift.Forgotten", forgotten.Count], accountId: account.Id);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        tally.Add(forgotten.Count);
    }

    /// <summary>Takes a selection in stretches; each is saved by itself.</summary>
    private async Task InStretchesAsync(
        PlatformAccount account, DriftSelection selection, DriftKind kind, DriftTally tally, Func<PortalDb, List<DriftItem>, Task> settle, CancellationToken cancellationToken)
    {
        var after = long.MinValue;
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            var from = after;
            var items = await Chosen(db, account.Id, selection).Where(item => item.Kind == kind && item.PlatformId > from)
                .OrderBy(item => item.PlatformId).Take(ChangedAtOnce).ToListAsync(cancellationToken).ConfigureAwait(false);
            if (items.Count == 0) return;
            after = items[^1].PlatformId;
            try
            {
                await settle(db, items).ConfigureAwait(false);
            }
            catch (DbUpdateConcurrencyException)
            {
                // Somebody saved one of them just now; nothing of this stretch was written.
                foreach (var item in items) tally.Leave(texts["Drift.ChangedSince", item.Name]);
            }

            feed.Publish(ChangeTopic.Sync, account.Id);
        }
    }

    private static IQueryable<DriftItem> Chosen(PortalDb db, Guid accountId, DriftSelection selection)
    {
        var items = db.Drift.Where(item => item.PlatformAccountId == accountId);
        return selection.Ids is { } ids ? items.Where(item => ids.Contains(item.Id)) : items.Where(item => item.Kind == selection.Kind && !item.Ignored);
    }

    private static Task<PlatformAccount?> FindAccountAsync(PortalDb db, Guid accountId, CancellationToken cancellationToken) =>
        db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == accountId, cancellationToken);

    private static bool IsPushable(DriftItem item) => item.Fields.Exists(field => field.Name != SyncDifferences.AccountServer);

    private static string FieldNames(IEnumerable<DriftField> fields) => string.Join(", ", fields.Select(field => field.Name));

    private Result<DriftOutcome> Over(PlatformAccount account, DriftSelection selection, DriftTally tally)
    {
        feed.Publish(ChangeTopic.Sync, account.Id);
        var missing = (selection.Ids?.Count ?? 0) - tally.Done - tally.Left;
        for (var i = 0; i < missing; i++) tally.Leave(texts["Drift.Gone"]);
        return tally is { Done: 0, Left: 0 } ? new Problem(ProblemKind.NotFound, texts["Drift.Gone"]) : new DriftOutcome(tally.Done, tally.Left, tally.Reason);
    }
}
