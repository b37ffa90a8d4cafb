using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>The instance that is re-authenticated, its account, and what the platform says about it now.</summary>
internal sealed record AttemptTarget(ElementInstance Instance, PlatformAccount Account, PlatformOutcome<PlatformInstance> Told)
{
    /// <summary>When the platform last refreshed the target's token; null if it did not say.</summary>
    public DateTimeOffset? RefreshedAt => Told is PlatformOutcome<PlatformInstance>.Success success ? success.Value.RefreshedAt : null;

    /// <summary>Reads the target of a re-authentication and asks the platform about it.</summary>
    /// <returns>Null if the instance has been deleted in the portal.</returns>
    public static async Task<AttemptTarget?> ReadAsync(
        PortalDb db, IElementsPlatform platform, ProvisioningAttempt attempt, CancellationToken cancellationToken)
    {
        var instance = await db.Instances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == attempt.TargetInstanceId, cancellationToken).ConfigureAwait(false);
        if (instance is null) return null;
        var account = await db.Accounts.AsNoTracking().SingleAsync(row => row.Id == instance.PlatformAccountId, cancellationToken).ConfigureAwait(false);
        return new AttemptTarget(instance, account, await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false));
    }
}
