using System.Collections.Concurrent;
using AdminPortal.Provisioning.Background;

namespace AdminPortal.Provisioning.Sync;

/// <summary>
/// Tells open pages and the worker that an account's sync has moved on, within this process. It is a hint: both also
/// look for themselves from time to time, because another process may be at work.
/// </summary>
public sealed class SyncFeed
{
    private readonly ConcurrentDictionary<Guid, Subscription> _subscriptions = new();

    /// <summary>Wakes the worker: there is a run to be worked on.</summary>
    internal WakeUp Worker { get; } = new();

    /// <summary>Calls back, on any thread, whenever the account's sync or its differences have changed, until disposed.</summary>
    public IDisposable Subscribe(Guid accountId, Action changed)
    {
        var subscription = new Subscription(this, accountId, changed);
        _subscriptions[subscription.Id] = subscription;
        return subscription;
    }

    internal void Publish(Guid accountId)
    {
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.AccountId == accountId) subscription.Changed();
        }
    }

    private sealed class Subscription(SyncFeed feed, Guid accountId, Action changed) : IDisposable
    {
        public Guid Id { get; } = Guid.NewGuid();

        public Guid AccountId => accountId;

        public Action Changed => changed;

        public void Dispose() => feed._subscriptions.TryRemove(Id, out _);
    }
}
