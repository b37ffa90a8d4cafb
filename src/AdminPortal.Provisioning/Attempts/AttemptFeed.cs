using System.Collections.Concurrent;
using System.Threading.Channels;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// Tells open pages and the worker that an attempt has changed, within this process. It is a hint: both also look for
/// themselves from time to time, because the change may have been made by another process.
/// </summary>
public sealed class AttemptFeed
{
    private readonly ConcurrentDictionary<Guid, Subscription> _subscriptions = new();
    private readonly Channel<bool> _worker = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Calls back, on any thread, whenever the attempt has changed, until disposed.</summary>
    public IDisposable Subscribe(Guid attemptId, Action changed)
    {
        var subscription = new Subscription(this, attemptId, changed);
        _subscriptions[subscription.Id] = subscription;
        return subscription;
    }

    internal void Publish(Guid attemptId)
    {
        _worker.Writer.TryWrite(true);
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.AttemptId == attemptId) subscription.Changed();
        }
    }

    /// <summary>Waits for the next change of any attempt, or for the time to pass.</summary>
    internal async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            _ = await _worker.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The poll: rows may have been left by another process.
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
