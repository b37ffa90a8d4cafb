using System.Collections.Concurrent;
using AdminPortal.Provisioning.Background;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>Until when the jobs of this process wait because the platform is busy.</summary>
public sealed class JobPauses(ChangeFeed feed)
{
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _pauses = new();

    /// <summary>Null if the job does not wait, or another process works on it.</summary>
    internal DateTimeOffset? Until(Guid jobId) => _pauses.TryGetValue(jobId, out var until) ? until : null;

    internal void Set(Guid jobId, DateTimeOffset? until)
    {
        if (until is { } time) _pauses[jobId] = time;
        else if (!_pauses.TryRemove(jobId, out _)) return;
        feed.Publish(ChangeTopic.Jobs, jobId);
    }
}
