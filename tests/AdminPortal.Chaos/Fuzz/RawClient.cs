using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AdminPortal.Chaos.Fuzz;

/// <summary>An answer, byte for byte as far as it matters.</summary>
public sealed record RawAnswer(int Status, string Head, string Body);

/// <summary>Sends what no HTTP library would send, on one connection as long as the server keeps it.</summary>
public sealed class RawClient(Uri address) : IDisposable
{
    private const int MaxAnswer = 4 * 1024 * 1024;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private TcpClient? _connection;
    private int _from;
    private int _to;

    /// <summary>Sends a request and reads its answer.</summary>
    /// <returns>Null where the server closed the connection without a word.</returns>
    public async Task<RawAnswer?> SendAsync(byte[] request, CancellationToken cancellationToken)
    {
        var isFresh = _connection is null;
        try
        {
            var answer = await TryAsync(request, cancellationToken);
            // A kept connection may have been closed meanwhile; a new one tells.
            return answer is null && !isFresh ? await TryAsync(request, cancellationToken) : answer;
        }
        catch (IOException)
        {
            Close();
            if (isFresh) return null;
            try
            {
                return await TryAsync(request, cancellationToken);
            }
            catch (IOException)
            {
                Close();
                return null;
            }
        }
        catch (OperationCanceledException)
        {
            Close();
            throw;
        }
    }

    public void Dispose() => Close();

    private async Task<RawAnswer?> TryAsync(byte[] request, CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            _connection = new TcpClient { NoDelay = true };
            await _connection.ConnectAsync(address.Host, address.Port, cancellationToken);
            (_from, _to) = (0, 0);
        }

        var stream = _connection.GetStream();
        try
        {
            await stream.WriteAsync(request, cancellationToken);
        }
        catch (IOException)
        {
            // The server has refused already; its answer may be there all the same.
        }

        var head = await ReadHeadAsync(stream, cancellationToken);
        if (head is null)
        {
            Close();
            return null;
        }

        var lines = head.Split("\r\n");
        var status = lines[0].Split(' ') is [_, var code, ..] && int.TryParse(code, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var body = new StringBuilder();
        var isWhole = true;
        if (status is not (101 or 204 or 304) && !request.AsSpan().StartsWith("HEAD "u8))
        {
            if (Header(lines, "Transfer-Encoding") is not null) isWhole = await ReadChunksAsync(stream, body, cancellationToken);
            else if (Header(lines, "Content-Length") is { } length) isWhole = await ReadBodyAsync(stream, body, int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
            else isWhole = false;
        }

        if (!isWhole || status is 101 || Header(lines, "Connection") is { } kept && kept.Contains("close", StringComparison.OrdinalIgnoreCase)) Close();
        return new RawAnswer(status, head, body.ToString());
    }

    private static string? Header(string[] lines, string name) => lines.Skip(1)
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault();

    private async Task<string?> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        while (head.Length < MaxAnswer)
        {
            if (await ReadLineAsync(stream, cancellationToken) is not { } line) return head.Length == 0 ? null : head.ToString();
            if (line.Length == 0) return head.ToString();
            head.Append(line).Append("\r\n");
        }

        throw new IOException("The head does not end.");
    }

    private async Task<bool> ReadChunksAsync(NetworkStream stream, StringBuilder body, CancellationToken cancellationToken)
    {
        while (await ReadLineAsync(stream, cancellationToken) is { } line)
        {
            if (!int.TryParse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size)) return false;
            if (!await ReadBodyAsync(stream, body, size, cancellationToken)) return false;
            _ = await ReadLineAsync(stream, cancellationToken);
            if (size == 0) return true;
        }

        return false;
    }

    private async Task<bool> ReadBodyAsync(NetworkStream stream, StringBuilder body, int length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            if (_from == _to && !await FillAsync(stream, cancellationToken)) return false;
            var part = Math.Min(length, _to - _from);
            if (body.Length < MaxAnswer) body.Append(Encoding.Latin1.GetString(_buffer, _from, part));
            _from += part;
            length -= part;
        }

        return true;
    }

    private async Task<string?> ReadLineAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_from == _to && !await FillAsync(stream, cancellationToken)) return line.Length == 0 ? null : line.ToString();
            var end = Array.IndexOf(_buffer, (byte)'\n', _from, _to - _from);
            line.Append(Encoding.Latin1.GetString(_buffer, _from, (end < 0 ? _to : end) - _from));
            _from = end < 0 ? _to : end + 1;
            if (end >= 0) return line.ToString().TrimEnd('\r');
        }
    }

    private async Task<bool> FillAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        _from = 0;
        _to = await stream.ReadAsync(_buffer, cancellationToken);
        return _to > 0;
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
