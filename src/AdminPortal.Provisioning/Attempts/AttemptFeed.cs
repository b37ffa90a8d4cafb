using System.Collections.Concurrent;
using AdminPortal.Provisioning.Background;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// Tells open pages and the worker that an attempt has changed, within this process. It is a hint: both also look for
/// themselves from time to time, because the change may have been made by another process.
/// </summary>
public sealed class AttemptFeed
{
    private readonly ConcurrentDictionary<Guid, Subscription> _subscriptions = new();

    /// <summary>Wakes the worker.</summary>
    internal WakeUp Worker { get; } = new();

    /// <summary>Calls back, on any thread, whenever the attempt has changed, until disposed.</summary>
    public IDisposable Subscribe(Guid attemptId, Action changed)
    {
        var subscription = new Subscription(this, attemptId, changed);
        _subscriptions[subscription.Id] = subscription;
        return subscription;
    }

    /// <summary>Something has changed that there is work on.</summary>
    internal void Publish(Guid attemptId)
    {
        Worker.Wake();
        Show(attemptId);
    }

    /// <summary>Something has changed that is only to be shown.</summary>
    internal void Show(Guid attemptId)
    {
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.AttemptId == attemptId) subscription.Changed();
        }
    }

    private sealed class Subscription(AttemptFeed feed, Guid attemptId, Action changed) : IDisposable
    {
        public Guid Id { get; } = Guid.NewGuid();

        public Guid AttemptId => attemptId;

        public Action Changed => changed;

        public void Dispose() => feed._subscriptions.TryRemove(Id, out _);
    }
}
