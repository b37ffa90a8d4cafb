using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.LegacyKeys;

/// <summary>
/// The radar for instances that carry Keap's retired legacy key, and the guided move of each: a new instance of the
/// recommended element, a check that it works, and only then the old one is disabled. Nothing is ever deleted here.
/// </summary>
public sealed class LegacyKeyService(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    ElementCatalog catalog,
    InstanceChecker checker,
    InstanceService instances,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>One page of the instances with a legacy key; cut by the row at its edge, so that it costs the same at any depth.</summary>
    public async Task<LegacyKeyPage> ListAsync(LegacyKeyQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var edgeId = query.After ?? query.Before;
        var edge = edgeId is null
            ? null
            : await db.Instances.AsNoTracking().Where(row => row.Id == edgeId).Select(row => (long?)row.Number).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var backwards = edge is not null && query.After is null;

        var rows = await Page(db, query.PlatformAccountId, edge, backwards)
            .Select(row => new { row.Id, row.Name, row.ElementKey, row.AccountServer, row.State, row.PlatformAccountId })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var hasMore = rows.Count > LegacyKeyQuery.PageSize;
        if (hasMore) rows.RemoveAt(LegacyKeyQuery.PageSize);
        if (backwards) rows.Reverse();

        var accounts = await db.Accounts.AsNoTracking().ToDictionaryAsync(account => account.Id, account => account.Name, cancellationToken).ConfigureAwait(false);
        var attempts = await FindAttemptsAsync(db, [.. rows.Select(row => row.Id)], cancellationToken).ConfigureAwait(false);
        return new LegacyKeyPage(
            [.. rows.Select(row => new LegacyKeyRow(
                row.Id, row.Name, catalog.NameOf(row.ElementKey), accounts.GetValueOrDefault(row.PlatformAccountId, ""), row.AccountServer, row.State,
                StateOf(row.State, Choose(attempts[row.Id]))))],
            HasPrevious: backwards ? hasMore : edge is not null,
            HasNext: backwards || hasMore);
    }

    /// <summary>How many there are, by platform account; accounts without any are left out.</summary>
    public async Task<IReadOnlyList<LegacyKeyCount>> CountAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var counts = await db.Instances.Where(row => row.HasLegacyKey)
            .GroupBy(row => row.PlatformAccountId)
            .Select(group => new { AccountId = group.Key, Total = group.Count(), Disabled = group.Count(row => row.State == InstanceState.Disabled) })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var accounts = await db.Accounts.AsNoTracking().ToDictionaryAsync(account => account.Id, account => account.Name, cancellationToken).ConfigureAwait(false);
        return
        [
            .. counts.Select(count => new LegacyKeyCount(count.AccountId, accounts.GetValueOrDefault(count.AccountId, ""), count.Total, count.Disabled))
                .OrderBy(count => count.AccountName, StringComparer.CurrentCultureIgnoreCase),
        ];
    }

    /// <summary>How far the move of an instance is; null when there is no such instance.</summary>
    public async Task<LegacyMove?> FindAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var old = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == instanceId, cancellationToken).ConfigureAwait(false);
        if (old is null) return null;
        var attempt = Choose((await FindAttemptsAsync(db, [instanceId], cancellationToken).ConfigureAwait(false))[instanceId]);
        var made = attempt is { State: AttemptState.Active, InstanceId: { } newId }
            ? await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == newId, cancellationToken).ConfigureAwait(false)
            : null;
        var check = made is null
            ? null
            : await db.InstanceChecks.AsNoTracking().Where(row => row.InstanceNumber == made.Number).OrderByDescending(row => row.Id)
                .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return new LegacyMove
        {
            InstanceId = old.Id,
            Name = old.Name,
            Tags = old.Tags,
            ElementName = catalog.NameOf(old.ElementKey),
            NewElementName = Destination.Name,
            HasEvents = catalog.Find(old.ElementKey)?.Events is not null,
            HasLegacyKey = old.HasLegacyKey,
            OldState = old.State,
            State = StateOf(old.State, attempt),
            AttemptId = attempt?.Id,
            NewInstanceId = made?.Id,
            NewName = made?.Name,
            NewState = made?.State,
            LastCheck = check,
        };
    }

    /// <summary>
    /// Begins the draft of the instance that is to take the old one's place: name, tags, and events where both elements
    /// know them. Where a move has begun, the answer is its attempt.
    /// </summary>
    /// <returns>The attempt's id.</returns>
    public async Task<Result<Guid>> StartAsync(Guid instanceId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Reauthenticate, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var old = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == instanceId, cancellationToken).ConfigureAwait(false);
        if (old is null) return new Problem(ProblemKind.NotFound, texts["Instance.Gone"]);
        if (!old.HasLegacyKey) return new Problem(ProblemKind.NotNow, texts["Move.NoLegacyKey", old.Name]);
        var attempt = Choose((await FindAttemptsAsync(db, [instanceId], cancellationToken).ConfigureAwait(false))[instanceId]);
        // An attempt that came to nothing is tried again from here with what the instance is like now.
        if (attempt is not null && StateOf(old.State, attempt) is not (MoveState.NotBegun or MoveState.Stopped)) return attempt.Id;

        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == old.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var events = catalog.Find(old.ElementKey)?.Events is null
            ? null
            : CarryOver(await platform.GetAsync(account, old.PlatformId, cancellationToken).ConfigureAwait(false), old.ElementKey);
        var appId = await KnownApp.FindAsync(db, old, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var draft = ProvisioningAttempt.Begin(now, actor.PersonId, Destination.Key, old.PlatformAccountId, replacesId: old.Id);
        draft.ProviderAppId = appId;
        draft.Name = old.Name;
        draft.Tags = PlatformConfiguration.Tags(old.Tags);
        draft.Events = events;
        draft.Step = appId is null ? WizardStep.Provider : WizardFlow.Next(Destination, WizardStep.Provider);
        db.Note(actor, now, ActivityAction.MoveStarted, old);
        return await OpenDraft.AddAsync(db, draft, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Checks the new instance and, where it is alive, disables the old one. It is never deleted: that is for a person
    /// to do when nothing uses it any more.
    /// </summary>
    public async Task<Result<Done>> FinishAsync(Guid instanceId, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Reauthenticate, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        var move = await FindAsync(instanceId, cancellationToken).ConfigureAwait(false);
        if (move is null) return new Problem(ProblemKind.NotFound, texts["Instance.Gone"]);
        if (move.State == MoveState.Done) return default(Done);
        if (move is not { State: MoveState.Created, NewInstanceId: { } newId }) return new Problem(ProblemKind.NotNow, texts["Move.NotCreated"]);

        var check = await checker.CheckAsync(newId, actor, cancellationToken).ConfigureAwait(false);
        if (!check.Succeeded) return check.Problems.ToArray();
        if (check.Value.Outcome != CheckOutcome.Alive)
            return new Problem(ProblemKind.Refused, check.Value.Message is { } said ? texts["Move.NotAlive.Said", said] : texts["Move.NotAlive"]);
        return await instances.SetEnabledAsync(instanceId, false, actor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The rows of a page and one more, which tells whether there is another page.</summary>
    internal static IQueryable<ElementInstance> Page(PortalDb db, Guid? account, long? edge, bool backwards)
    {
        var matching = db.Instances.AsNoTracking().Where(row => row.HasLegacyKey);
        if (account is { } accountId) matching = matching.Where(row => row.PlatformAccountId == accountId);
        if (edge is { } number) matching = backwards ? matching.Where(row => row.Number < number) : matching.Where(row => row.Number > number);
        var ordered = backwards ? matching.OrderByDescending(row => row.Number) : matching.OrderBy(row => row.Number);
        return ordered.Take(LegacyKeyQuery.PageSize + 1);
    }

    private ElementDefinition Destination => catalog.Find(ElementKey.Rest) ?? catalog.All.First(element => element.Recommended);

    // Resources that the new element does not have are left out, and so is a poller configuration: it is written for the
    // old element's paths.
    private EventSettings? CarryOver(PlatformOutcome<PlatformInstance> outcome, string elementKey)
    {
        if (outcome is not PlatformOutcome<PlatformInstance>.Success success || Destination.Events is not { } support) return null;
        if (PlatformConfiguration.ReadEvents(success.Value, catalog.Find(elementKey)!) is not { } events) return null;
        return events with
        {
            Resources = [.. events.Resources.Where(name => support.Resources.Any(resource => resource.Name == name))],
            PollerConfiguration = elementKey == Destination.Key ? events.PollerConfiguration : "",
        };
    }

    private static async Task<ILookup<Guid, MoveAttempt>> FindAttemptsAsync(PortalDb db, IReadOnlyList<Guid> instanceIds, CancellationToken cancellationToken)
    {
        var found = await db.Attempts.AsNoTracking()
            .Where(attempt => attempt.ReplacesInstanceId != null && instanceIds.Contains(attempt.ReplacesInstanceId.Value))
            .Select(attempt => new
            {
                Replaces = attempt.ReplacesInstanceId!.Value,
                attempt.Id,
                attempt.State,
                attempt.CreatedAt,
                attempt.InstanceId,
                InstanceThere = db.Instances.Any(instance => instance.Id == attempt.InstanceId),
            })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return found.ToLookup(row => row.Replaces, row => new MoveAttempt(row.Id, row.State, row.CreatedAt, row.InstanceThere ? row.InstanceId : null));
    }

    // The one that made the new instance, as long as that is there; else the one that was begun last.
    private static MoveAttempt? Choose(IEnumerable<MoveAttempt> attempts) => attempts
        .OrderByDescending(attempt => attempt is { State: AttemptState.Active, InstanceId: not null })
        .ThenByDescending(attempt => attempt.CreatedAt)
        .FirstOrDefault();

    private static MoveState StateOf(InstanceState old, MoveAttempt? attempt) => attempt switch
    {
        null or { State: AttemptState.Active, InstanceId: null } => MoveState.NotBegun,
        { State: AttemptState.Draft } => MoveState.Draft,
        { State: AttemptState.AwaitingConsent } => MoveState.AwaitingConsent,
        { State: AttemptState.AwaitingDecision or AttemptState.CodeReceived or AttemptState.Provisioning or AttemptState.Ambiguous } => MoveState.UnderWay,
        { State: AttemptState.Active } => old is InstanceState.Disabled or InstanceState.MissingOnPlatform ? MoveState.Done : MoveState.Created,
        _ => MoveState.Stopped,
    };

    private sealed record MoveAttempt(Guid Id, AttemptState State, DateTimeOffset CreatedAt, Guid? InstanceId);
}
