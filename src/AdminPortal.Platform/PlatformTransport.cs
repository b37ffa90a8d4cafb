using System.Net.Sockets;

namespace AdminPortal.Platform;

/// <summary>How connections to a platform are made.</summary>
internal static class PlatformTransport
{
    /// <summary>The name of the HTTP client.</summary>
    public const string ClientName = "platform";

    /// <summary>The largest answer that is read. A page of 200 hydrated instances is well under one MiB.</summary>
    public const int MaxResponseBytes = 4 * 1024 * 1024;

    /// <summary>The time within which a connection has to stand.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The time within which the whole answer has to be there.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    public static SocketsHttpHandler CreateHandler(OutgoingAddresses outgoing) => new()
    {
        // A platform that answers with a redirect would choose where the credentials go.
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = System.Net.DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // Connecting under our own clock makes "no connection in time" an outcome that proves nothing was sent;
        // the handler's own ConnectTimeout looks the same as an answer that did not come.
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context, outgoing, cancellationToken),
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, OutgoingAddresses outgoing, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ConnectTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var far = context.DnsEndPoint;
            if (LeadsToAProxy(context))
                await socket.ConnectAsync(far, timeout.Token).ConfigureAwait(false);
            else
                await socket.ConnectAsync(await outgoing.ResolveAsync(far.Host, timeout.Token).ConfigureAwait(false), far.Port, timeout.Token).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new ConnectTimeoutException();
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A proxy (HTTPS_PROXY) is named by whoever runs the process, may well stand in a private network, and decides itself
    // where it leads: what is looked at then is what was saved.
    private static bool LeadsToAProxy(SocketsHttpConnectionContext context) =>
        context.InitialRequestMessage.RequestUri is { } asked
        && !(asked.Port == context.DnsEndPoint.Port && string.Equals(asked.IdnHost, context.DnsEndPoint.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));
}

/// <summary>No connection within <see cref="PlatformTransport.ConnectTimeout"/>; nothing was sent.</summary>
internal sealed class ConnectTimeoutException() : IOException("No connection within the time allowed.");
