using AdminPortal.Domain.Jobs;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Items whose call was started and whose result is not stored: a process was killed in between.</summary>
internal static class StartedItems
{
    /// <summary>Whether the job is in this state and has such items. It reads all waiting items of the job.</summary>
    public static Task<bool> AnyAsync(PortalDb db, Guid jobId, JobState state, CancellationToken cancellationToken) => db.Jobs.AnyAsync(
        job => job.Id == jobId && job.State == state
            && db.JobItems.Any(item => item.JobId == jobId && item.State == JobItemState.Waiting && item.StartedAt != null),
        cancellationToken);
}
