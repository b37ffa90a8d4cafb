using System.Net;
using System.Text;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>The far end of an HTTP client: it records what comes and answers by a script.</summary>
internal sealed class ScriptedHandler : HttpMessageHandler
{
    private readonly Lock _gate = new();

    public List<RecordedRequest> Requests { get; } = [];

    /// <summary>The answer to the n-th request, counted from zero.</summary>
    public Func<int, CancellationToken, Task<HttpResponseMessage>> Answer { get; set; } = (_, _) => Task.FromResult(Json("{}"));

    public void Always(Func<HttpResponseMessage> answer) => Answer = (_, _) => Task.FromResult(answer());

    public void InTurn(params Func<HttpResponseMessage>[] answers) => Answer = (i, _) => Task.FromResult(answers[i]());

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK, params (string Name, string Value)[] headers) =>
        Raw(Encoding.UTF8.GetBytes(body), "application/json", status, headers);

    public static HttpResponseMessage Raw(byte[] body, string? contentType, HttpStatusCode status = HttpStatusCode.OK, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage(status) { Content = new ByteArrayContent(body) };
        if (contentType is not null) response.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var (name, value) in headers) response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Recorded even when it is given up at once.
        var recorded = new RecordedRequest(
            request.Method,
            request.RequestUri!.AbsoluteUri,
            request.Headers.NonValidated.ToDictionary(header => header.Key, header => header.Value.ToString()),
            request.Content is null ? null : await request.Content.ReadAsStringAsync(CancellationToken.None),
            request.Content?.Headers.ContentType?.ToString(),
            request.Content?.Headers.ContentLength);
        int number;
        lock (_gate)
        {
            number = Requests.Count;
            Requests.Add(recorded);
        }

        return await Answer(number, cancellationToken);
    }
}
