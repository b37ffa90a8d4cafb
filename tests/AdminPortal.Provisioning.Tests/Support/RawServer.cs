using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>Accepts one connection, answers nothing, and keeps every byte that arrives until the client closes it.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task<string> _received;

    public RawServer()
    {
        _listener.Start();
        _received = ReceiveAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>What arrived, once the client has closed the connection.</summary>
    public Task<string> ReceivedAsync() => _received;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await ((Task)_received).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<string> ReceiveAsync()
    {
        using var connection = await _listener.AcceptTcpClientAsync();
        var received = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await connection.GetStream().ReadAsync(buffer) is > 0 and var read) received.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Reset: what came before that is kept.
        }

        return received.ToString();
    }
}
