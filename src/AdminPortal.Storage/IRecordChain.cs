using AdminPortal.Domain.Activity;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace AdminPortal.Storage;

/// <summary>
/// Ties new rows of the activity record to its hash chain. <see cref="PortalDb"/> calls it when such rows are saved; the slice
/// of the activity record implements it, since the chain needs the sealed key.
/// </summary>
public interface IRecordChain
{
    /// <summary>Numbers and hashes new rows, within the transaction that writes them.</summary>
    /// <returns>The head as it has to be written after the rows.</returns>
    Task<ActivityHead> TieAsync(PortalDb db, IReadOnlyList<EntityEntry<ActivityEntry>> rows, CancellationToken cancellationToken);

    /// <summary>Writes the head.</summary>
    Task WriteHeadAsync(PortalDb db, ActivityHead head, CancellationToken cancellationToken);
}
