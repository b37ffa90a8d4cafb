using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Api;

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
            return string.Join('\n', Texts(JsonNode.Parse(body)));
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // Not JSON, or JSON whose texts are no texts.
            return string.Empty;
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
