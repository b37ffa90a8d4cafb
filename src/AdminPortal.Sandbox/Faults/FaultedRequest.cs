using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Faults;

/// <summary>A request as the faults see it. Its body is in memory already.</summary>
internal sealed class FaultedRequest(HttpRequest request, string call)
{
    private string? _text;

    public bool Meets(Fault fault) =>
        FaultPlace.Has(call, fault)
        && !(fault.Kind is FaultKind.ListEmptyPage && InstanceQuery.FollowsEmptyPage(request.Query))
        && (fault.Only is null || (_text ??= Text()).Contains(fault.Only, StringComparison.Ordinal));

    /// <summary>The body as it came; where there is none, the query.</summary>
    public static string Sent(HttpRequest request) => Body(request) is { Length: > 0 } body ? body : request.QueryString.Value ?? string.Empty;

    private static string Body(HttpRequest request) =>
        request.Body is MemoryStream body ? Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length)) : string.Empty;

    // Each part as it came and as it is meant, so that a name is found however it was encoded.
    private string Text()
    {
        var body = Body(request);
        return string.Join('\n', request.Path.Value, request.QueryString.Value, Decoded(request.QueryString.Value ?? string.Empty), body, Meant(body));
    }

    private string Meant(string body)
    {
        if (request.HasFormContentType)
            return Decoded(body);
        if (!request.HasJsonContentType())
            return string.Empty;
        try
        {
            return JsonNode.Parse(body)?.ToJsonString(WireFormat.Json) ?? string.Empty;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException or ArgumentException)
        {
            return string.Empty;
        }
    }

    private static string Decoded(string pairs) => Uri.UnescapeDataString(pairs.Replace('+', ' '));
}
