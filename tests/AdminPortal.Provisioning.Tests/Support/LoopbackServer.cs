using System.Net;
using System.Net.Sockets;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>A real server on loopback that does with each connection what it is told, and counts the requests it read.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _requests;

    /// <param name="serve">What to do once a whole request was read; the connection is closed afterwards.</param>
    /// <param name="reset">Whether the connection is reset rather than closed.</param>
    public LoopbackServer(Func<NetworkStream, CancellationToken, Task> serve, bool reset = false)
    {
        _listener.Start();
        _loop = LoopAsync(serve, reset);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}";

    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync(Func<NetworkStream, CancellationToken, Task> serve, bool reset)
    {
        try
        {
            while (true)
            {
                using var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
                var stream = connection.GetStream();
                if (!await ReadRequestAsync(stream)) continue;
                _ = Interlocked.Increment(ref _requests);
                await serve(stream, _stop.Token);
                if (reset) connection.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException or IOException)
        {
            // The test is over, or the client has gone.
        }
    }

    private async Task<bool> ReadRequestAsync(NetworkStream stream)
    {
        var received = new List<byte>();
        var buffer = new byte[4096];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0) return false;
            received.AddRange(buffer.AsSpan(0, read));
            var text = System.Text.Encoding.Latin1.GetString([.. received]);
            var headersEnd = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (headersEnd < 0) continue;
            var length = text[..headersEnd].Split("\r\n").Select(line => line.Split(": "))
                .Where(parts => parts[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Select(parts => int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture))
                .FirstOrDefault();
            if (received.Count >= headersEnd + 4 + length) return true;
        }
    }
}
