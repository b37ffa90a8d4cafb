using System.Threading.Channels;

namespace AdminPortal.Provisioning.Background;

/// <summary>Wakes a worker of this process: a hint that is kept until the worker looks, and never more than one.</summary>
internal sealed class WakeUp
{
    private readonly Channel<bool> _hint = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There may be something to do.</summary>
    public void Wake() => _hint.Writer.TryWrite(true);

    /// <summary>Waits to be woken, or for the time to pass: what another process left behind wakes nobody.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            _ = await _hint.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The poll.
        }
    }
}
