using AdminPortal.Domain.Access;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Record;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>Stores what an attempt has created or re-authenticated, in the context in which the attempt's transition is saved.</summary>
internal sealed class AttemptInstances(ISecretBox secrets, ElementCatalog catalog, TimeProvider clock)
{
    /// <summary>Adds the created instance, or updates the row that a sync has adopted meanwhile.</summary>
    public async Task<ElementInstance> StoreAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, PlatformInstance created, DateTimeOffset now, string? detail = null)
    {
        // A sync may have listed it as unknown to the portal.
        db.Drift.RemoveRange(await db.Drift.Where(row => row.PlatformAccountId == account.Id && row.PlatformId == created.Id).ToListAsync().ConfigureAwait(false));
        var known = await db.Instances.SingleOrDefaultAsync(row => row.PlatformAccountId == account.Id && row.PlatformId == created.Id).ConfigureAwait(false);
        if (known is not null)
        {
            known.Token = secrets.Seal(SecretKind.InstanceToken, known.Id, account.Origin, created.Token!);
            known.LastCheckedAt = now;
            db.Note(await ActorAsync(db, attempt).ConfigureAwait(false), now, ActivityAction.InstanceCreated, known, detail: detail, attemptId: attempt.Id);
            return known;
        }

        var id = Guid.CreateVersion7(now);
        var name = string.IsNullOrEmpty(created.Name) ? attempt.Name : created.Name;
        var instance = new ElementInstance
        {
            Id = id,
            PlatformAccountId = account.Id,
            PlatformId = created.Id,
            ElementKey = attempt.ElementKey,
            Name = name,
            Tags = [.. (created.Tags ?? attempt.Tags).Where(tag => tag != attempt.PortalTag)],
            PortalTag = attempt.PortalTag,
            AccountServer = attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey) ?? attempt.ConsentedServer,
            Token = secrets.Seal(SecretKind.InstanceToken, id, account.Origin, created.Token!),
            State = InstanceStates.From(created),
            Attention = created is { IsDisabled: not true, IsValid: false } ? AttentionReason.NotValid : null,
            HasLegacyKey = created.HasLegacyKey(catalog) || attempt.SealedConfiguration.ContainsKey(ElementCatalog.EncryptedKeyKey),
            RefreshedAt = created.RefreshedAt,
            RefreshIntervalSeconds = created.RefreshIntervalSeconds,
            ProviderAppId = attempt.ProviderAppId,
            AttemptId = attempt.Id,
            CreatedAt = created.CreatedAt ?? now,
            LastCheckedAt = now,
        };
        db.Instances.Add(instance);
        db.Note(await ActorAsync(db, attempt).ConfigureAwait(false), now, ActivityAction.InstanceCreated, instance, detail: detail, attemptId: attempt.Id);
        return instance;
    }

    /// <summary>Updates the target of a re-authentication. If it has been deleted meanwhile, nothing happens.</summary>
    public async Task RenewAsync(
        PortalDb db, PlatformAccount account, ProvisioningAttempt attempt, PlatformInstance told, string? late)
    {
        var instance = await db.Instances.SingleOrDefaultAsync(row => row.Id == attempt.TargetInstanceId).ConfigureAwait(false);
        if (instance is null) return;
        var actor = await ActorAsync(db, attempt).ConfigureAwait(false);
        var detail = Renew(instance, account, told, attempt) ?? late;
        var changes = RowChanges.Of(db.Entry(instance));
        db.Note(actor, clock.GetUtcNow(), ActivityAction.Reauthenticated, instance, detail: detail, changes: changes, attemptId: attempt.Id);
    }

    /// <summary>Notes a second instance on the platform with the attempt's tag.</summary>
    public static void AddOrphan(PortalDb db, ProvisioningAttempt attempt, PlatformInstance second, DateTimeOffset now)
    {
        db.Orphans.Add(new OrphanedInstance
        {
            Id = Guid.CreateVersion7(now),
            AttemptId = attempt.Id,
            PlatformAccountId = attempt.PlatformAccountId,
            PlatformId = second.Id,
            Name = second.Name,
            FoundAt = now,
        });
        attempt.FindOrphan(second.Id, now);
    }

    /// <summary>The person who started the attempt, as the activity record names them.</summary>
    public static async Task<Actor> ActorAsync(PortalDb db, ProvisioningAttempt attempt) =>
        attempt.CreatedBy is { } person
            ? new Actor(person, await db.Users.Where(user => user.Id == person).Select(user => user.UserName).SingleOrDefaultAsync().ConfigureAwait(false))
            : Actor.Portal;

    /// <summary>Takes over what the new authorization brought.</summary>
    /// <returns>What a person should know of it; null where there is nothing.</returns>
    private string? Renew(ElementInstance instance, PlatformAccount account, PlatformInstance told, ProvisioningAttempt attempt)
    {
        if (!string.IsNullOrEmpty(told.Token)) instance.Token = secrets.Seal(SecretKind.InstanceToken, instance.Id, account.Origin, told.Token);
        // An answer that does not say whether it is switched off leaves it as it was.
        var disabled = told.IsDisabled ?? instance.State == InstanceState.Disabled;
        instance.State = InstanceStates.From(told with { IsDisabled = disabled });
        instance.Attention = instance.State == InstanceState.NeedsAttention ? AttentionReason.NotValid : null;
        instance.AttentionMessage = null;
        instance.RefreshedAt = told.RefreshedAt ?? instance.RefreshedAt;
        instance.RefreshIntervalSeconds = told.RefreshIntervalSeconds ?? instance.RefreshIntervalSeconds;
        if (told.Configuration.Count > 0) instance.HasLegacyKey = told.HasLegacyKey(catalog);
        instance.ProviderAppId = attempt.ProviderAppId;
        instance.LastCheckedAt = clock.GetUtcNow();

        var before = instance.AccountServer;
        instance.AccountServer = attempt.Configuration.GetValueOrDefault(ElementCatalog.ServerKey) ?? attempt.ConsentedServer ?? told.AccountServer ?? before;
        return before is null || before == instance.AccountServer ? null : $"{before} → {instance.AccountServer}";
    }
}
