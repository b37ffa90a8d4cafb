using AdminPortal.Domain.Attempts;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>
/// An instance has one open draft that authorizes it anew and one that moves it: two clicks, or two people, lead to the
/// same one. The database holds that by an index; whoever comes second is shown what the first one began.
/// </summary>
internal static class OpenDraft
{
    /// <summary>The attempt that authorizes the instance anew and has not ended; null when there is none.</summary>
    public static async Task<Guid?> FindReauthenticationAsync(PortalDb db, Guid instanceId, CancellationToken cancellationToken) =>
        await db.Attempts.AsNoTracking()
            .Where(attempt => attempt.TargetInstanceId == instanceId
                && (attempt.State == AttemptState.Draft || attempt.State == AttemptState.AwaitingConsent || attempt.State == AttemptState.AwaitingDecision
                    || attempt.State == AttemptState.CodeReceived
                    || attempt.State == AttemptState.Provisioning || attempt.State == AttemptState.Ambiguous))
            .OrderByDescending(attempt => attempt.CreatedAt)
            .Select(attempt => (Guid?)attempt.Id).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Saves a new draft, or answers with the one that somebody else saved for the same instance at the same moment.</summary>
    public static async Task<Guid> AddAsync(PortalDb db, ProvisioningAttempt draft, CancellationToken cancellationToken)
    {
        if (db.Entry(draft).State == EntityState.Detached) db.Attempts.Add(draft);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return draft.Id;
        }
        catch (DbUpdateException exception) when (ConstraintViolation.IsUnique(exception))
        {
            db.ChangeTracker.Clear();
            var first = await db.Attempts.AsNoTracking()
                .Where(attempt => ((draft.TargetInstanceId != null && attempt.TargetInstanceId == draft.TargetInstanceId)
                        || (draft.ReplacesInstanceId != null && attempt.ReplacesInstanceId == draft.ReplacesInstanceId))
                    && (attempt.State == AttemptState.Draft || attempt.State == AttemptState.AwaitingConsent))
                .Select(attempt => (Guid?)attempt.Id).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
            if (first is not { } id) throw;
            return id;
        }
    }
}
