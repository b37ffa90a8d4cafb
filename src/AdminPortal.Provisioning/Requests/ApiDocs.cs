using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Domain.Text;

namespace AdminPortal.Provisioning.Requests;

/// <summary>
/// Reads an instance's Swagger 2.0 description (<c>GET /instances/{id}/docs</c>). It comes from outside: everything is
/// bounded, references are followed within the document alone, what is not understood is left out, and nothing throws.
/// </summary>
public static class ApiDocs
{
    public const int MaxOperations = 2000;
    public const int MaxParameters = 60;
    public const int MaxChoices = 100;
    public const int MaxPathLength = 300;
    public const int MaxNameLength = 100;
    public const int MaxTextLength = 300;
    private const int MaxReferences = 5;
    private const int MaxExampleDepth = 4;
    private const int MaxExampleNodes = 200;
    private const int MaxExampleLength = 5000;
    private const string ApiRoot = "/elements/api-v2";
    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete"];
    // What it writes is shown as text, which Razor encodes, or sent as JSON: never markup. Names keep their letters.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The operations that a person can send from the portal, by path and method; empty where the document offers none.</summary>
    public static IReadOnlyList<ApiOperation> Read(JsonElement document)
    {
        var found = new Dictionary<string, ApiOperation>(StringComparer.Ordinal);
        var prefix = Prefix(document);
        foreach (var (path, item) in Members(Get(document, "paths")))
        {
            foreach (var method in Methods)
            {
                if (found.Count >= MaxOperations) break;
                if (Get(item, method) is not { ValueKind: JsonValueKind.Object } operation) continue;
                if (ReadOperation(document, prefix + path, method, item, operation) is { } read) found.TryAdd(read.Key, read);
            }
        }

        return [.. found.Values.OrderBy(operation => operation.Path, StringComparer.Ordinal).ThenBy(operation => Array.IndexOf(Methods, operation.Method.ToLowerInvariant()))];
    }

    private static ApiOperation? ReadOperation(JsonElement document, string path, string method, JsonElement item, JsonElement operation)
    {
        if (path.Length > MaxPathLength || !RequestWriter.IsTemplate(path) || RequestWriter.IsAdministration(path)) return null;

        // What stands at the path holds for all its methods; the method's own word comes first.
        var parameters = new List<ApiParameter>();
        foreach (var element in Items(Get(operation, "parameters")).Concat(Items(Get(item, "parameters"))))
        {
            if (Resolve(document, element) is not { ValueKind: JsonValueKind.Object } parameter) continue;
            // A form with files is nothing that the portal sends.
            if (Text(Get(parameter, "in")) == "formData") return null;
            if (parameters.Count >= MaxParameters || ReadParameter(document, parameter) is not { } read) continue;
            if (parameters.All(known => known.Key != read.Key && !(known.Place == ParameterPlace.Body && read.Place == ParameterPlace.Body))) parameters.Add(read);
        }

        var names = RequestWriter.Names(path);
        // A value that the path has no room for goes nowhere, and one that the path asks for is needed even where nothing describes it.
        parameters.RemoveAll(parameter => parameter.Place == ParameterPlace.Path && !names.Contains(parameter.Name));
        parameters.AddRange(names.Where(name => parameters.All(parameter => parameter.Place != ParameterPlace.Path || parameter.Name != name))
            .Select(name => new ApiParameter(name, ParameterPlace.Path, ParameterType.Text, true, null, [], null)));
        return new ApiOperation(
            method.ToUpperInvariant(),
            path,
            OutsideText.Clean(Text(Get(operation, "operationId")), MaxNameLength),
            OutsideText.Clean(Text(Get(operation, "summary")), MaxTextLength) ?? OutsideText.Clean(Text(Get(operation, "description")), MaxTextLength),
            [.. parameters.OrderBy(parameter => parameter.Place).ThenByDescending(parameter => parameter.Required)]);
    }

    private static ApiParameter? ReadParameter(JsonElement document, JsonElement parameter)
    {
        ParameterPlace? place = Text(Get(parameter, "in")) switch
        {
            "path" => ParameterPlace.Path,
            "query" => ParameterPlace.Query,
            "header" => ParameterPlace.Header,
            "body" => ParameterPlace.Body,
            _ => null,
        };
        var name = Text(Get(parameter, "name"));
        if (place is not { } where || name is not { Length: > 0 and <= MaxNameLength } || OutsideText.Clean(name, MaxNameLength) != name) return null;
        if (where == ParameterPlace.Header && !RequestWriter.IsSafeHeader(name)) return null;

        var required = where == ParameterPlace.Path || Get(parameter, "required") is { ValueKind: JsonValueKind.True };
        var description = OutsideText.Clean(Text(Get(parameter, "description")), MaxTextLength);
        if (where == ParameterPlace.Body)
            return new ApiParameter(name, where, ParameterType.Json, required, Sketch(document, Get(parameter, "schema")), [], description);

        var type = Text(Get(parameter, "type")) switch
        {
            "integer" => ParameterType.WholeNumber,
            "number" => ParameterType.Number,
            "boolean" => ParameterType.Boolean,
            "array" => ParameterType.List,
            _ => ParameterType.Text,
        };
        List<string> choices = [.. Items(Get(parameter, "enum")).Select(Plain).OfType<string>().Where(choice => choice.Length is > 0 and <= MaxNameLength).Distinct().Take(MaxChoices)];
        var preset = OutsideText.Clean(Plain(Get(parameter, "default")), MaxTextLength);
        return new ApiParameter(name, where, type, required, choices.Count > 0 && preset is not null && !choices.Contains(preset) ? null : preset, choices, description)
        {
            Separator = Text(Get(parameter, "collectionFormat")) switch { "multi" => null, "ssv" => ' ', "tsv" => '\t', "pipes" => '|', _ => ',' },
        };
    }

    /// <summary>What the document's paths stand below: a hub, in the descriptions of some elements.</summary>
    private static string Prefix(JsonElement document)
    {
        var basePath = Text(Get(document, "basePath"))?.TrimEnd('/') ?? "";
        return basePath.StartsWith(ApiRoot + "/", StringComparison.Ordinal) ? basePath[ApiRoot.Length..] : "";
    }

    /// <summary>A body to begin with, from the schema's examples and types; null where the schema says nothing.</summary>
    private static string? Sketch(JsonElement document, JsonElement? schema)
    {
        var nodes = MaxExampleNodes;
        var text = schema is { } given ? Example(document, given, 0, ref nodes)?.ToJsonString(Indented) : null;
        return text?.Length <= MaxExampleLength ? text : null;
    }

    private static JsonNode? Example(JsonElement document, JsonElement schema, int depth, ref int nodes)
    {
        if (--nodes < 0 || depth > MaxExampleDepth || Resolve(document, schema) is not { ValueKind: JsonValueKind.Object } resolved) return null;
        if (Get(resolved, "example") is { ValueKind: JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } example) return Value(example);
        if (Get(resolved, "default") is { ValueKind: JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } preset) return Value(preset);
        if (Items(Get(resolved, "enum")).FirstOrDefault() is { ValueKind: JsonValueKind.String } choice) return Value(choice);
        switch (Text(Get(resolved, "type")))
        {
            case "string":
                return JsonValue.Create("");
            case "integer" or "number":
                return JsonValue.Create(0);
            case "boolean":
                return JsonValue.Create(false);
            case "array":
                var items = new JsonArray();
                if (Get(resolved, "items") is { } item && Example(document, item, depth + 1, ref nodes) is { } entry) items.Add(entry);
                return items;
            default:
                if (Get(resolved, "properties") is not { ValueKind: JsonValueKind.Object } properties) return depth == 0 ? new JsonObject() : null;
                var sketch = new JsonObject();
                foreach (var (name, property) in Members(properties))
                {
                    if (name.Length > MaxNameLength || sketch.ContainsKey(name) || Get(property, "readOnly") is { ValueKind: JsonValueKind.True }) continue;
                    if (Example(document, property, depth + 1, ref nodes) is { } value) sketch[name] = value;
                }

                return sketch;
        }
    }

    private static JsonValue? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => OutsideText.Clean(Text(element), MaxTextLength) is { } text ? JsonValue.Create(text) : JsonValue.Create(""),
        _ => JsonValue.Create(element),
    };

    /// <summary>The element, or what it refers to within the document; null where that leads nowhere or in a circle.</summary>
    private static JsonElement? Resolve(JsonElement document, JsonElement element)
    {
        for (var hop = 0; hop < MaxReferences; hop++)
        {
            if (Text(Get(element, "$ref")) is not { } reference) return element;
            if (reference.Split('/') is not ["#", "parameters" or "definitions", { Length: > 0 } name]) return null;
            var section = reference.StartsWith("#/parameters/", StringComparison.Ordinal) ? "parameters" : "definitions";
            name = name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (Get(Get(document, section), name) is not { } target) return null;
            element = target;
        }

        return null;
    }

    // Half a surrogate pair, written as an escape, is found only when the text is read: then it counts as not there.

    private static JsonElement? Get(JsonElement? element, string name)
    {
        try
        {
            return element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var member) ? member : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement? element)
    {
        try
        {
            return element is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Plain(JsonElement? element) => element switch
    {
        { ValueKind: JsonValueKind.String } => Text(element),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } value => value.GetRawText(),
        _ => null,
    };

    private static string? Plain(JsonElement element) => Plain((JsonElement?)element);

    private static IEnumerable<JsonElement> Items(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : Enumerable.Empty<JsonElement>();

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement? element)
    {
        if (element is not { ValueKind: JsonValueKind.Object } parent) yield break;
        foreach (var member in parent.EnumerateObject())
        {
            string name;
            try
            {
                name = member.Name;
            }
            catch (InvalidOperationException)
            {
                continue;
            }

            yield return (name, member.Value);
        }
    }
}
