using System.Collections.Concurrent;

namespace AdminPortal.Provisioning.Background;

/// <summary>
/// Tells open pages and workers of this process that something has changed. It is a hint: both also look for themselves from time to
/// time, because the change may have been made by another process.
/// </summary>
public sealed class ChangeFeed
{
    private readonly ConcurrentDictionary<Guid, Subscription> _subscriptions = new();
    private readonly ConcurrentDictionary<ChangeTopic, WakeUp> _workers = new();

    /// <summary>Calls back, on any thread, whenever a subject of the topic has changed, until disposed.</summary>
    /// <param name="topic">What kind of subject.</param>
    /// <param name="id">The subject; null for all subjects of the topic.</param>
    /// <param name="changed">What to call; it must return at once.</param>
    public IDisposable Subscribe(ChangeTopic topic, Guid? id, Action changed)
    {
        var subscription = new Subscription(this, topic, id, changed);
        _subscriptions[subscription.Id] = subscription;
        return subscription;
    }

    /// <summary>Wakes the worker of a topic: there is work on it.</summary>
    internal WakeUp Worker(ChangeTopic topic) => _workers.GetOrAdd(topic, _ => new WakeUp());

    /// <summary>Tells subscribers that a subject has changed.</summary>
    internal void Publish(ChangeTopic topic, Guid id)
    {
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.Topic == topic && (subscription.Subject is null || subscription.Subject == id)) subscription.Changed();
        }
    }

    /// <summary>Wakes the topic's worker and tells subscribers.</summary>
    internal void PublishWork(ChangeTopic topic, Guid id)
    {
        Worker(topic).Wake();
        Publish(topic, id);
    }

    private sealed class Subscription(ChangeFeed feed, ChangeTopic topic, Guid? subject, Action changed) : IDisposable
    {
        public Guid Id { get; } = Guid.NewGuid();

        public ChangeTopic Topic => topic;

        public Guid? Subject => subject;

        public Action Changed => changed;

        public void Dispose() => feed._subscriptions.TryRemove(Id, out _);
    }
}
