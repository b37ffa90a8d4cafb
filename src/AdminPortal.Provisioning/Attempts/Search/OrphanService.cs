using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts.Search;

/// <summary>Instances that the platform made beside the one that an attempt led to.</summary>
public sealed class OrphanService(
    IDbContextFactory<PortalDb> databases,
    IElementsPlatform platform,
    PlatformProblems problems,
    ChangeFeed feed,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>How many orphaned instances are on the platforms, and the attempt of the one that was found last; null where there are none.</summary>
    public async Task<(int Count, Guid LastAttemptId)?> FindOpenAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var open = Open(db);
        var last = await open.OrderByDescending(orphan => orphan.FoundAt).Select(orphan => (Guid?)orphan.AttemptId).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return last is { } attemptId ? (await open.CountAsync(cancellationToken).ConfigureAwait(false), attemptId) : null;
    }

    /// <summary>How many orphaned instances of one attempt are on the platform.</summary>
    public async Task<int> CountOpenAsync(Guid attemptId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await Open(db).CountAsync(orphan => orphan.AttemptId == attemptId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Deletes an orphaned instance on the platform, after a look that it still is one: with the attempt's tag, and not
    /// the portal's own by now.
    /// </summary>
    public async Task<Result<Done>> RemoveAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.Connect, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var orphan = await db.Orphans.SingleOrDefaultAsync(row => row.Id == id && row.RemovedAt == null, cancellationToken).ConfigureAwait(false);
        if (orphan is null) return new Problem(ProblemKind.NotFound, texts["Orphan.Gone"]);
        if (await db.Instances.AnyAsync(row => row.PlatformAccountId == orphan.PlatformAccountId && row.PlatformId == orphan.PlatformId, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.NotNow, texts["Orphan.Adopted"]);

        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == orphan.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        var attempt = await db.Attempts.SingleAsync(row => row.Id == orphan.AttemptId, cancellationToken).ConfigureAwait(false);
        var told = await platform.GetAsync(account, orphan.PlatformId, cancellationToken).ConfigureAwait(false);
        switch (told)
        {
            case PlatformOutcome<PlatformInstance>.Success { Value.Tags: { } tags } when !tags.Contains(attempt.PortalTag):
                // Somebody has made it something else meanwhile.
                return new Problem(ProblemKind.NotNow, texts["Orphan.Changed"]);
            case PlatformOutcome<PlatformInstance>.Success:
                var deleted = await platform.DeleteAsync(account, orphan.PlatformId, cancellationToken).ConfigureAwait(false);
                if (deleted is PlatformOutcome<Done>.Refused { Status: 404 })
                {
                    // Somebody may have deleted it just now; 404 may also be a proxy's.
                    var again = await platform.GetAsync(account, orphan.PlatformId, cancellationToken).ConfigureAwait(false);
                    if (again is not PlatformOutcome<PlatformInstance>.Refused { Status: 404 }) return problems.From(deleted);
                }
                else if (deleted is not PlatformOutcome<Done>.Success)
                {
                    return problems.From(deleted);
                }

                break;
            case PlatformOutcome<PlatformInstance>.Refused { Status: 404 }:
                break;
            default:
                return problems.From(told);
        }

        var now = clock.GetUtcNow();
        orphan.RemovedAt = now;
        attempt.RemoveOrphan(orphan.PlatformId, now);
        db.Note(actor, now, ActivityAction.OrphanRemoved, orphan.Name ?? attempt.Name, succeeded: true, $"platform id {orphan.PlatformId}", accountId: orphan.PlatformAccountId, attemptId: orphan.AttemptId);
        try
        {
            // It is gone on the platform, so this is written down even if the page was left.
            await db.SaveChangesAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new Problem(ProblemKind.Stale, texts["Orphan.Stale"]);
        }

        feed.Publish(ChangeTopic.Attempts, attempt.Id);
        return default(Done);
    }

    // One that was taken over by a sync is none any more.
    private static IQueryable<OrphanedInstance> Open(PortalDb db) => db.Orphans.AsNoTracking().Where(orphan => orphan.RemovedAt == null
        && !db.Instances.Any(row => row.PlatformAccountId == orphan.PlatformAccountId && row.PlatformId == orphan.PlatformId));
}
