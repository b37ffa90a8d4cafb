using AdminPortal.Domain.Instances;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts.Drafts;

/// <summary>Which provider app an instance was authorized with, as far as the portal knows.</summary>
internal static class KnownApp
{
    /// <summary>The app that it was last authorized with, else the one that it was created with; null where it is not known or not there any more.</summary>
    public static async Task<Guid?> FindAsync(PortalDb db, ElementInstance instance, CancellationToken cancellationToken)
    {
        var id = instance.ProviderAppId;
        if (id is null && instance.AttemptId is { } attemptId)
            id = await db.Attempts.Where(attempt => attempt.Id == attemptId).Select(attempt => attempt.ProviderAppId).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return id is not null && await db.ProviderApps.AnyAsync(app => app.Id == id, cancellationToken).ConfigureAwait(false) ? id : null;
    }
}
