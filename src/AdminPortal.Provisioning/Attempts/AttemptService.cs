using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Providers;
using AdminPortal.Domain.Settings;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Reads attempts for the screens.</summary>
public sealed class AttemptService(IDbContextFactory<PortalDb> databases, ElementCatalog catalog, IOptions<PortalOptions> options)
{
    /// <summary>One attempt with its history; null when there is none with this id.</summary>
    public async Task<AttemptView?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await FindAsync(db, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same within the caller's transaction.</summary>
    internal async Task<AttemptView?> FindAsync(PortalDb db, Guid id, CancellationToken cancellationToken)
    {
        var attempt = await db.Attempts.AsNoTracking().Include(row => row.History).SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false);
        if (attempt is null) return null;

        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var app = await db.ProviderApps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.ProviderAppId, cancellationToken).ConfigureAwait(false);
        var instanceId = attempt.InstanceId ?? attempt.TargetInstanceId;
        var instance = instanceId is null
            ? null
            : await db.Instances.AsNoTracking().Where(row => row.Id == instanceId).Select(row => new { row.State })
                .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);

        // One that was taken over by a sync is none any more.
        var orphans = await db.Orphans.AsNoTracking()
            .Where(orphan => orphan.AttemptId == id
                && !db.Instances.Any(row => row.PlatformAccountId == orphan.PlatformAccountId && row.PlatformId == orphan.PlatformId))
            .OrderBy(orphan => orphan.PlatformId).ToListAsync(cancellationToken).ConfigureAwait(false);

        return View(attempt, account, app, instance?.State, orphans);
    }

    /// <summary>The attempts that changed last, newest first.</summary>
    public async Task<IReadOnlyList<AttemptSummary>> ListRecentAsync(int count, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await db.Attempts.AsNoTracking()
            .OrderByDescending(attempt => attempt.UpdatedAt).Take(count)
            .Select(attempt => new { attempt.Id, attempt.Name, attempt.ElementKey, attempt.State, attempt.UpdatedAt, attempt.Tags, attempt.Configuration, attempt.SealedConfiguration, attempt.Events, attempt.Ending })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => new AttemptSummary(row.Id, row.Name, catalog.NameOf(row.ElementKey), row.State, row.UpdatedAt)
        {
            IsUnreadable = Unreadable.Is(row.State) || Unreadable.Is(row.UpdatedAt) || Unreadable.Is((object)row.Tags) || Unreadable.Is((object)row.Configuration)
                || Unreadable.Is((object)row.SealedConfiguration) || Unreadable.Is((object?)row.Events) || Unreadable.Is((object?)row.Ending),
        })];
    }

    private AttemptView View(
        ProvisioningAttempt attempt, PlatformAccount? account, ProviderApp? app, InstanceState? instanceState, IReadOnlyList<OrphanedInstance> orphans) => new()
    {
        Id = attempt.Id,
        State = attempt.State,
        Step = attempt.Step,
        CreatedAt = attempt.CreatedAt,
        UpdatedAt = attempt.UpdatedAt,
        Element = catalog.Find(attempt.ElementKey),
        ElementName = catalog.NameOf(attempt.ElementKey),
        PlatformAccountId = attempt.PlatformAccountId,
        AccountName = account?.Name,
        AccountBaseUrl = account?.BaseUrl,
        ProviderAppId = app?.Id,
        ProviderAppName = app?.Name,
        ClientId = app?.ClientId,
        Name = attempt.Name,
        Tags = attempt.Tags,
        PortalTag = attempt.PortalTag,
        Configuration = attempt.Configuration,
        StoredSecrets = attempt.SealedConfiguration.Keys.ToHashSet(),
        Events = attempt.Events,
        ConsentStartedAt = attempt.ConsentStartedAt,
        ConsentExpiresAt = attempt.ConsentExpiresAt,
        ConsentedServer = attempt.ConsentedServer,
        ExpectedServer = attempt.ExpectedServer,
        CodeGoodUntil = attempt.CodeReceivedAt + options.Value.CodeLifetime,
        SentAt = attempt.SentAt,
        NextAt = attempt.NextAt,
        Tries = attempt.Tries,
        Searches = attempt.Searches,
        SearchedPages = attempt.SearchedPages,
        SearchedInstances = attempt.SearchedInstances,
        SearchUntil = attempt.AbsenceCountsFrom(options.Value.UnansweredPatience, AttemptLease.Length),
        LateSearchUntil = attempt.LateSearchUntil,
        VerifiedAt = attempt.VerifiedAt,
        Orphans = orphans,
        Ending = attempt.Ending,
        CompletedAt = attempt.CompletedAt,
        InstanceId = instanceState is null ? null : attempt.InstanceId,
        InstanceState = instanceState,
        TargetInstanceId = attempt.TargetInstanceId,
        ReplacesInstanceId = attempt.ReplacesInstanceId,
        PlatformInstanceId = attempt.PlatformInstanceId,
        IsUnreadable = attempt.IsUnreadable(),
        History = [.. attempt.History.OrderBy(entry => entry.At).ThenBy(entry => entry.Event)],
    };
}
