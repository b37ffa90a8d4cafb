using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace AdminPortal.Sandbox;

/// <summary>
/// The server's listeners, which can be closed for a while: whoever comes then is turned away by the machine, as where no
/// platform runs. A request that is dropped instead may have been carried out, as far as its sender can tell.
/// </summary>
internal sealed class FrontDoor(IOptions<SocketTransportOptions> options, ILoggerFactory loggers) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);
    private readonly ConcurrentBag<Listener> _listeners = [];

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new Listener(_sockets, await _sockets.BindAsync(endpoint, cancellationToken));
        _listeners.Add(listener);
        return listener;
    }

    /// <summary>Listens no more for so long, and ends every connection but one, so that nothing is on its way any more.</summary>
    /// <param name="duration">For how long.</param>
    /// <param name="kept">The connection that this is answered on.</param>
    public async Task CloseAsync(TimeSpan duration, string kept)
    {
        foreach (var listener in _listeners)
            await listener.CloseAsync(duration, kept);
    }

    private sealed class Listener(SocketTransportFactory sockets, IConnectionListener first) : IConnectionListener
    {
        private readonly ConcurrentDictionary<string, ConnectionContext> _connections = new();
        private readonly CancellationTokenSource _over = new();
        private IConnectionListener _inner = first;
        private TimeSpan? _closedFor;

        public EndPoint EndPoint { get; } = first.EndPoint;

        public async Task CloseAsync(TimeSpan duration, string kept)
        {
            _closedFor = duration;
            await _inner.UnbindAsync();
            foreach (var connection in _connections.Values.Where(connection => connection.ConnectionId != kept))
                connection.Abort();
        }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                if (await _inner.AcceptAsync(cancellationToken) is { } connection)
                {
                    _connections[connection.ConnectionId] = connection;
                    connection.ConnectionClosed.Register(() => _connections.TryRemove(connection.ConnectionId, out _));
                    return connection;
                }

                // It was closed: by the end of the server for good, or for a while.
                if (_closedFor is not { } duration || !await WaitAsync(duration))
                    return null;
                _closedFor = null;
                await _inner.DisposeAsync();
                _inner = await sockets.BindAsync(EndPoint, cancellationToken);
            }
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _over.CancelAsync();
            await _inner.UnbindAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _inner.DisposeAsync();
            _over.Dispose();
        }

        private async Task<bool> WaitAsync(TimeSpan duration)
        {
            try
            {
                await Task.Delay(duration, _over.Token);
                return true;
            }
            catch (OperationCanceledException)
            {
                // The server ends.
                return false;
            }
        }
    }
}
