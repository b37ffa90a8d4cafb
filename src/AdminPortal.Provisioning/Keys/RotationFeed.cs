using System.Collections.Concurrent;
using AdminPortal.Provisioning.Background;

namespace AdminPortal.Provisioning.Keys;

/// <summary>Tells open pages and the worker of this process that a rotation has moved on. It is a hint: both also look for themselves.</summary>
public sealed class RotationFeed
{
    private readonly ConcurrentDictionary<Guid, Action> _subscriptions = new();

    /// <summary>Wakes the worker: there is a rotation to be worked on.</summary>
    internal WakeUp Worker { get; } = new();

    /// <summary>Calls back, on any thread, whenever the rotation has moved on, until disposed.</summary>
    public IDisposable Subscribe(Action changed)
    {
        var id = Guid.NewGuid();
        _subscriptions[id] = changed;
        return new Subscription(() => _subscriptions.TryRemove(id, out _));
    }

    internal void Publish()
    {
        foreach (var changed in _subscriptions.Values) changed();
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
