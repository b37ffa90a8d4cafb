using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Api;

namespace AdminPortal.Sandbox.Faults;

/// <summary>A request as the faults see it. Its body is in memory already.</summary>
internal sealed class FaultedRequest(HttpRequest request, string call, KnownWords known)
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
        var json = request.HasJsonContentType() ? Json(body) : null;
        IEnumerable<string?> parts =
        [
            request.Path.Value, request.QueryString.Value, Decoded(request.QueryString.Value ?? string.Empty), body,
            request.HasFormContentType ? Decoded(body) : string.Empty, .. Texts(json), .. known.Of(request, call, json),
        ];
        return string.Join('\n', parts);
    }

    /// <returns>Null for what is not JSON, or is JSON whose texts are no texts.</returns>
    private static JsonNode? Json(string body)
    {
        try
        {
            var node = JsonNode.Parse(body);
            _ = Texts(node).Count();
            return node;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject json => json.SelectMany(property => Texts(property.Value).Prepend(property.Key)),
        JsonArray list => list.SelectMany(Texts),
        { } value when value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
        _ => [],
    };

    private static string Decoded(string pairs) => Uri.UnescapeDataString(pairs.Replace('+', ' '));
}
