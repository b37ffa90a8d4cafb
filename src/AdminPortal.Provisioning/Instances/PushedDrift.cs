using AdminPortal.Domain.Sync;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Instances;

/// <summary>What becomes of differences once the portal's values are on the platform.</summary>
internal static class PushedDrift
{
    /// <summary>
    /// Settles what was written: name, tags and on/off. The account server is not written, so that difference stays.
    /// Saved with the caller's other changes.
    /// </summary>
    public static async Task SettleAsync(PortalDb db, IReadOnlyCollection<Guid> instances, CancellationToken cancellationToken)
    {
        var items = await db.Drift.Where(item => item.Kind == DriftKind.Changed && EF.Parameter(instances).Contains(item.Id)).ToListAsync(cancellationToken).ConfigureAwait(false);
        foreach (var item in items)
        {
            var left = item.Fields.Where(field => field.Name == SyncDifferences.AccountServer).ToList();
            if (left.Count == item.Fields.Count) continue;
            if (left.Count == 0)
            {
                db.Drift.Remove(item);
            }
            else
            {
                item.Fields = left;
                item.Fingerprint = SyncDifferences.Fingerprint(left);
            }
        }
    }
}
