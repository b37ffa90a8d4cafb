using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AdminPortal.Chaos.Circuits;

/// <summary>
/// A circuit as a browser opens it, without a browser: the page, its component descriptors, a web socket, and an
/// acknowledgement of everything that is drawn.
/// </summary>
public sealed partial class BlazorPackClient : IAsyncDisposable
{
    private const byte RecordSeparator = 0x1e;

    private readonly ClientWebSocket _socket = new();
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _drawn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _circuit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Uri _portal;
    private readonly string _cookies;
    private Task _reading = Task.CompletedTask;
    private volatile bool _left;

    private BlazorPackClient(Uri portal, HttpClient http, string cookies)
    {
        _portal = portal;
        _http = http;
        _cookies = cookies;
        _socket.Options.SetRequestHeader("Cookie", cookies);
        _socket.Options.SetRequestHeader("Origin", Origin);
    }

    // Without it no circuit is opened: the portal takes its own pages alone.
    private string Origin => _portal.GetLeftPart(UriPartial.Authority);

    /// <summary>How many batches were drawn and acknowledged.</summary>
    public int Batches { get; private set; }

    /// <summary>What the server said went wrong; null for nothing.</summary>
    public string? Error { get; private set; }

    /// <summary>Opens a page and its circuit, and waits until it has drawn.</summary>
    /// <param name="address">Where the portal listens.</param>
    /// <param name="http">A client without cookies of its own, that follows no redirects.</param>
    /// <param name="cookies">The cookies of somebody who is signed in.</param>
    /// <param name="path">The page.</param>
    public static async Task<BlazorPackClient> OpenAsync(Uri address, HttpClient http, string cookies, string path)
    {
        var client = new BlazorPackClient(address, http, cookies);
        try
        {
            await client.OpenAsync(path);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes as a page does that is left: it tells the server, which ends the circuit at once.</summary>
    public async Task LeaveAsync()
    {
        _left = true;
        using var form = new MultipartFormDataContent { { new StringContent(await _circuit.Task), "circuitId" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_portal, "/_blazor/disconnect")) { Content = form };
        _ = request.Headers.TryAddWithoutValidation("Cookie", _cookies);
        request.Headers.Add("Origin", Origin);
        using var answer = await _http.SendAsync(request);
        _ = answer.EnsureSuccessStatusCode();
        if (_socket.State == WebSocketState.Open) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    /// <summary>Cuts the connection, as a laptop does that is closed, where it was not left before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _socket.Abort();
        try
        {
            await _reading;
        }
        catch (Exception ended) when (ended is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // It was cut.
        }

        _socket.Dispose();
        _closing.Dispose();
        _sending.Dispose();
    }

    private async Task OpenAsync(string path)
    {
        var address = new Uri(_portal, path);
        var page = await GetPageAsync(address);
        var operations = new JsonArray([.. Descriptor().Matches(page).Select(match => JsonNode.Parse(match.Groups[1].Value)!.AsObject())
            .Where(marker => marker.ContainsKey("descriptor"))
            .Select((marker, index) => (JsonNode)new JsonObject { ["type"] = "add", ["ssrComponentId"] = index + 1, ["marker"] = marker })]);
        if (operations.Count == 0) throw new InvalidOperationException($"{path} has no interactive components.");
        var state = State().Match(page) is { Success: true } found ? found.Groups[1].Value : "";

        using var negotiation = new HttpRequestMessage(HttpMethod.Post, new Uri(_portal, "/_blazor/negotiate?negotiateVersion=1"));
        _ = negotiation.Headers.TryAddWithoutValidation("Cookie", _cookies);
        negotiation.Headers.Add("Origin", Origin);
        using var negotiated = await _http.SendAsync(negotiation);
        _ = negotiated.EnsureSuccessStatusCode();
        var token = (await negotiated.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("connectionToken").GetString()!;

        await _socket.ConnectAsync(new UriBuilder(_portal) { Scheme = "ws", Path = "/_blazor", Query = "id=" + Uri.EscapeDataString(token) }.Uri, CancellationToken.None);
        await _socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, CancellationToken.None);
        _reading = ReadAsync(_closing.Token);
        await SendAsync(BlazorPack.Invocation("0", "StartCircuit", new Uri(_portal, "/").AbsoluteUri, address.AbsoluteUri, "[]", state));
        _ = await _circuit.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var batch = new JsonObject { ["batchId"] = 1, ["operations"] = operations };
        await SendAsync(BlazorPack.Invocation(null, "UpdateRootComponents", batch.ToJsonString(), state));
        await _drawn.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task<string> GetPageAsync(Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        _ = request.Headers.TryAddWithoutValidation("Cookie", _cookies);
        using var answer = await _http.SendAsync(request);
        _ = answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[32 * 1024];
        using var unread = new MemoryStream();
        var isGreeted = false;
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close) return;
                unread.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;

                var bytes = unread.ToArray();
                var from = 0;
                if (!isGreeted)
                {
                    var end = Array.IndexOf(bytes, RecordSeparator);
                    if (end < 0) continue;
                    isGreeted = true;
                    from = end + 1;
                }

                var (messages, taken) = BlazorPack.Read(bytes.AsSpan(from));
                unread.SetLength(0);
                unread.Write(bytes, from + taken, bytes.Length - from - taken);
                foreach (var message in messages) await TakeAsync(message);
            }
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(failed.Message);
            throw;
        }
    }

    private async Task TakeAsync(object?[] message)
    {
        // A page that is left answers nothing any more; an answer to a circuit that has ended would be told to be an error.
        if (_left) return;
        switch (message)
        {
            case [3L, _, _, 3L, string circuit]:
                _ = _circuit.TrySetResult(circuit);
                break;

            case [3L, .., string error]:
                Fail(error);
                break;

            case [1L, _, _, "JS.RenderBatch", object?[] and [long batch, ..], ..]:
                Batches++;
                await SendAsync(BlazorPack.Invocation(null, "OnRenderCompleted", batch, null));
                _ = _drawn.TrySetResult();
                break;

            case [1L, _, _, "JS.BeginInvokeJS", object?[] call, ..]:
                // Nothing is carried out here: every script is told to have answered nothing.
                var task = call[0] is long id ? id : JsonNode.Parse((string)call[0]!)!["taskId"]!.GetValue<long>();
                if (task != 0) await SendAsync(BlazorPack.Invocation(null, "EndInvokeJSFromDotNet", task, true, string.Create(CultureInfo.InvariantCulture, $"[{task},true,null]")));
                break;

            case [1L, _, _, "JS.Error", object?[] and [string error, ..], ..]:
                Fail(error);
                break;

            case [7L, ..]:
                Fail("The server has closed the connection.");
                break;
        }
    }

    private void Fail(string error)
    {
        Error ??= error;
        _ = _circuit.TrySetException(new InvalidOperationException(error));
        _ = _drawn.TrySetException(new InvalidOperationException(error));
    }

    private async Task SendAsync(byte[] message)
    {
        await _sending.WaitAsync();
        try
        {
            if (_socket.State == WebSocketState.Open) await _socket.SendAsync(message, WebSocketMessageType.Binary, true, CancellationToken.None);
        }
        finally
        {
            _ = _sending.Release();
        }
    }

    [GeneratedRegex("<!--Blazor:(\\{.*?\\})-->", RegexOptions.Singleline)]
    private static partial Regex Descriptor();

    [GeneratedRegex("<!--Blazor-Server-Component-State:([^>]*?)-->")]
    private static partial Regex State();
}
