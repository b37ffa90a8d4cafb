using System.Collections.Concurrent;
using AdminPortal.Provisioning.Background;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>
/// Tells open pages and the worker that a job has changed, within this process. It is a hint: both also look for
/// themselves from time to time, because the change may have been made by another process.
/// </summary>
public sealed class BulkJobFeed
{
    private readonly ConcurrentDictionary<Guid, Subscription> _subscriptions = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _pauses = new();

    /// <summary>Wakes the worker.</summary>
    internal WakeUp Worker { get; } = new();

    /// <summary>Calls back, on any thread, whenever the job has changed, until disposed.</summary>
    /// <param name="jobId">The job; null for all of them.</param>
    /// <param name="changed">What to call; it returns at once.</param>
    public IDisposable Subscribe(Guid? jobId, Action changed) => Add(jobId, _ => changed());

    /// <summary>Calls back when the job is called off.</summary>
    internal IDisposable SubscribeToCancellation(Guid jobId, Action cancelled) => Add(jobId, change =>
    {
        if (change == JobChange.Cancelled) cancelled();
    });

    internal void Publish(Guid jobId, JobChange change)
    {
        if (change == JobChange.Started) Worker.Wake();
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.JobId is null || subscription.JobId == jobId) subscription.Changed(change);
        }
    }

    /// <summary>Until when the job waits because the platform is busy; null where it does not, or another process works on it.</summary>
    internal DateTimeOffset? PausedUntil(Guid jobId) => _pauses.TryGetValue(jobId, out var until) ? until : null;

    internal void SetPause(Guid jobId, DateTimeOffset? until)
    {
        if (until is { } time) _pauses[jobId] = time;
        else if (!_pauses.TryRemove(jobId, out _)) return;
        Publish(jobId, JobChange.Progressed);
    }

    private Subscription Add(Guid? jobId, Action<JobChange> changed)
    {
        var subscription = new Subscription(this, jobId, changed);
        _subscriptions[subscription.Id] = subscription;
        return subscription;
    }

    private sealed class Subscription(BulkJobFeed feed, Guid? jobId, Action<JobChange> changed) : IDisposable
    {
        public Guid Id { get; } = Guid.NewGuid();

        public Guid? JobId => jobId;

        public Action<JobChange> Changed => changed;

        public void Dispose() => feed._subscriptions.TryRemove(Id, out _);
    }
}

/// <summary>What has happened to a job.</summary>
internal enum JobChange
{
    Started,
    Progressed,
    Cancelled,
    Ended,
}
