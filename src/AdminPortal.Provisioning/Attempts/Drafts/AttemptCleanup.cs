using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>
/// Removes what nobody came back to: drafts with all that they hold, and the secrets of attempts that ended badly, whose
/// record stays. Several processes may do so at once: each batch is one transaction that looks before it takes.
/// </summary>
public sealed class AttemptCleanup(
    IDbContextFactory<PortalDb> databases,
    ElementCatalog catalog,
    ChangeFeed feed,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    ILogger<AttemptCleanup> logger) : IScheduledTask
{
    private const int BatchSize = 100;
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Does it once.</summary>
    /// <returns>How many drafts were removed, and how many ended attempts lost their secrets.</returns>
    public async Task<(int Drafts, int Secrets)> RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - options.Value.DraftLifetime;
        var drafts = await RepeatAsync(() => RemoveDraftsAsync(before, cancellationToken)).ConfigureAwait(false);
        var secrets = await RepeatAsync(() => EraseSecretsAsync(before, cancellationToken)).ConfigureAwait(false);
        if (drafts + secrets > 0) AttemptLog.CleanedUp(logger, drafts, secrets);
        return (drafts, secrets);
    }

    /// <inheritdoc />
    async Task<DateTimeOffset?> IScheduledTask.RunAsync(CancellationToken cancellationToken)
    {
        _ = await RunAsync(cancellationToken).ConfigureAwait(false);
        return clock.GetUtcNow() + Period;
    }

    private static async Task<int> RepeatAsync(Func<Task<int>> batch)
    {
        var total = 0;
        int done;
        do
        {
            done = await batch().ConfigureAwait(false);
            total += done;
        }
        while (done == BatchSize);
        return total;
    }

    private async Task<int> RemoveDraftsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        // It holds the database's one place for writing from here on, so nobody changes a draft between look and removal.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var due = await db.Attempts.AsNoTracking()
            // A time that cannot be read says nothing.
            .Where(attempt => attempt.State == AttemptState.Draft && attempt.UpdatedAt < before && attempt.UpdatedAt > DateTimeOffset.UnixEpoch)
            .OrderBy(attempt => attempt.UpdatedAt).Take(BatchSize)
            .Select(attempt => new { attempt.Id, attempt.Name, attempt.ElementKey, attempt.PlatformAccountId, attempt.UpdatedAt })
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        if (due.Count == 0) return 0;

        var ids = due.Select(draft => draft.Id).ToList();
        await db.Attempts.Where(attempt => ids.Contains(attempt.Id)).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        foreach (var draft in due)
        {
            db.Note(
                Actor.Portal, clock.GetUtcNow(), ActivityAction.DraftRemoved, draft.Name.Length > 0 ? draft.Name : catalog.NameOf(draft.ElementKey),
                detail: texts["Draft.Removed", draft.UpdatedAt.UtcDateTime], accountId: draft.PlatformAccountId, attemptId: draft.Id);
        }

        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        foreach (var id in ids) feed.Publish(ChangeTopic.Attempts, id);
        return due.Count;
    }

    private async Task<int> EraseSecretsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var nothing = new Dictionary<string, Sealed>();
        var ids = await db.Attempts
            .Where(attempt => (attempt.State == AttemptState.Denied || attempt.State == AttemptState.Expired || attempt.State == AttemptState.Failed)
                && attempt.UpdatedAt < before && attempt.UpdatedAt > DateTimeOffset.UnixEpoch && attempt.SealedConfiguration != nothing)
            .OrderBy(attempt => attempt.UpdatedAt).Take(BatchSize).Select(attempt => attempt.Id)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        // A late event may have reopened one in between: that one was changed just now and is left alone.
        return ids.Count == 0
            ? 0
            : await db.Attempts.Where(attempt => ids.Contains(attempt.Id) && attempt.UpdatedAt < before)
                .ExecuteUpdateAsync(row => row.SetProperty(attempt => attempt.SealedConfiguration, nothing).SetProperty(attempt => attempt.Version, attempt => attempt.Version + 1), cancellationToken)
                .ConfigureAwait(false);
    }
}
