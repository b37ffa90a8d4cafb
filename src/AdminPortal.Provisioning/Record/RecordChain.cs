using AdminPortal.Domain.Activity;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace AdminPortal.Provisioning.Record;

/// <summary><see cref="ActivityChain"/> with the record's key, as the database calls it.</summary>
internal sealed class RecordChain(ActivityKey keys) : IRecordChain
{
    public Task<ActivityHead> TieAsync(PortalDb db, IReadOnlyList<EntityEntry<ActivityEntry>> rows, CancellationToken cancellationToken) =>
        ActivityChain.TieAsync(db, keys, rows, cancellationToken);

    public Task WriteHeadAsync(PortalDb db, ActivityHead head, CancellationToken cancellationToken) =>
        ActivityChain.WriteHeadAsync(db, head, cancellationToken);
}
