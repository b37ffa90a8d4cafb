using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

/// <summary>What a body says about an instance. Null stands for "not said".</summary>
internal sealed record InstanceDraft
{
    private const int LongestName = 255;

    /// <summary>Key or id of the element.</summary>
    public string? Element { get; private init; }

    public string? Name { get; private init; }

    public IReadOnlyList<string>? Tags { get; private init; }

    public IReadOnlyDictionary<string, string?> Configuration { get; private init; } = new Dictionary<string, string?>();

    public string? Code { get; private init; }

    /// <returns>The draft, or the failure that says what is wrong with the body's form.</returns>
    public static (InstanceDraft? Draft, ApiFailure? Failure) From(JsonObject body)
    {
        if (!TryText(body["name"], out var name))
            return (null, ApiFailure.BadRequest("name must be text"));
        name = name is null ? null : Markup.Remove(name);
        if (name is { Length: > LongestName })
            return (null, ApiFailure.BadRequest($"name is longer than {LongestName} characters"));
        if (!TryTags(body["tags"], out var tags))
            return (null, ApiFailure.BadRequest("tags must be a list of texts"));
        if (!TryConfiguration(body["configuration"], out var configuration))
            return (null, ApiFailure.BadRequest("configuration must be an object"));

        return (new InstanceDraft
        {
            Element = ElementOf(body["element"]),
            Name = name,
            Tags = tags,
            Configuration = configuration,
            Code = body["providerData"] is JsonObject provider && TryText(provider["code"], out var code) ? code : null,
        }, null);
    }

    /// <summary>Booleans, numbers and objects become text, as the platform keeps them.</summary>
    public static string? AsText(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(WireFormat.Json),
    };

    private static string? ElementOf(JsonNode? element) =>
        element is JsonObject described ? AsText(described["key"]) ?? AsText(described["id"]) : null;

    private static bool TryText(JsonNode? node, out string? text)
    {
        text = null;
        return node is null || (node.GetValueKind() == JsonValueKind.String && node.AsValue().TryGetValue(out text));
    }

    private static bool TryTags(JsonNode? node, out IReadOnlyList<string>? tags)
    {
        tags = null;
        if (node is null)
            return true;
        if (node is not JsonArray list)
            return false;

        var texts = new List<string>();
        foreach (var item in list)
        {
            // Texts as documented; objects because the platform's own samples answer so and clients send back what they got.
            if (!TryText(item is JsonObject described ? described["name"] : item, out var text) || text is null)
                return false;
            var clean = Markup.Remove(text);
            if (clean.Length > 0 && !texts.Contains(clean, StringComparer.Ordinal))
                texts.Add(clean);
        }

        tags = texts;
        return true;
    }

    private static bool TryConfiguration(JsonNode? node, out IReadOnlyDictionary<string, string?> configuration)
    {
        configuration = new Dictionary<string, string?>();
        if (node is null)
            return true;
        if (node is not JsonObject entries)
            return false;
        configuration = entries.ToDictionary(entry => entry.Key, entry => AsText(entry.Value), StringComparer.Ordinal);
        return true;
    }
}
