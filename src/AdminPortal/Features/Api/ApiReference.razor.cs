using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.OpenApi;

namespace AdminPortal.Features.Api;

/// <summary>The reference of the API. It is made of the document, and the document of the endpoints: it cannot say anything else than they do.</summary>
public sealed partial class ApiReference
{
    private const string DocumentAddress = ApiServices.Root + "/openapi.json";

    // For reading: what HTML makes of quotes and umlauts is Razor's to see to.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Sent = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    };

    private OpenApiDocument _document = new();
    private string _walk = "";

    [Inject]
    public required IServiceProvider Services { get; set; }

    [Inject]
    public required PortalAddresses Addresses { get; set; }

    private IEnumerable<(string Method, string Path, OpenApiOperation Operation)> Operations =>
        from path in _document.Paths
        from operation in path.Value.Operations ?? []
        select (operation.Key.Method.ToUpperInvariant(), path.Key, operation.Value);

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _document = await Services.GetRequiredService<ApiDocument>().ReadAsync(CancellationToken.None);
        var root = Addresses.PublicBaseUrl + ApiServices.Root;
        var body = JsonSerializer.Serialize(ApiExamples.NewAttempt, Sent);
        _walk =
            $"""
            export TOKEN='apt_…'

            # What needs a person
            curl -sS -H "Authorization: Bearer $TOKEN" '{root}/instances?attention=true'

            # Look whether one works
            curl -sS -X POST -H "Authorization: Bearer $TOKEN" '{root}/instances/{ApiExamples.Instance.Id}/validate'

            # Rename it, if it is still as it was read
            curl -sS -i -H "Authorization: Bearer $TOKEN" '{root}/instances/{ApiExamples.Instance.Id}'     # ETag: "7"
            curl -sS -X PATCH -H "Authorization: Bearer $TOKEN" -H 'If-Match: "7"' -H 'Content-Type: application/json' \
              -d {Quote("{\"name\":\"Example Ltd\"}")} '{root}/instances/{ApiExamples.Instance.Id}'

            # Make a draft, once
            curl -sS -X POST -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(uuidgen)" -H 'Content-Type: application/json' \
              -d {Quote(body)} \
              '{root}/attempts'
            """;
    }

    private static string Quote(string text) => $"'{text}'";

    private static string At(string id) => $"{ApiProblems.ReferencePath}#{id}";

    private static string Anchor(string method, string path) =>
        method.ToLowerInvariant() + path[ApiServices.Root.Length..].Replace("{id}", "id", StringComparison.Ordinal).Replace('/', '-');

    private static string SchemaAnchor(string name) => "schema-" + name;

    private static string Text(JsonNode? json) => json?.ToJsonString(Indented) ?? "";

    // The words of a type, and the schemas among them that lead to their place on the page.
    private IEnumerable<(string Text, string? Schema)> Words(IOpenApiSchema? schema)
    {
        if (schema is null) return [];
        if (schema is OpenApiSchemaReference { Reference.Id: { } name }) return [(name, name)];
        var choices = (schema.OneOf ?? []).Concat(schema.AnyOf ?? []).ToList();
        var mayBeNull = schema.Type?.HasFlag(JsonSchemaType.Null) == true || choices.Any(choice => choice.Type == JsonSchemaType.Null);
        IEnumerable<(string, string?)> words = schema switch
        {
            _ when choices.Count > 0 => choices.Where(choice => choice.Type != JsonSchemaType.Null).SelectMany(Words),
            { Items: { } items } => [(L["Help.ListOf"] + " ", null), .. Words(items)],
            { AdditionalProperties: { } values } => [(L["Help.MapOf"] + " ", null), .. Words(values)],
            { Enum: { Count: > 0 } names } => [(string.Join(", ", names.Where(one => one is not null).Select(one => one.ToString())), null)],
            _ => [(Plain(schema), null)],
        };
        return mayBeNull ? [.. words, (" " + L["Help.OrNull"], null)] : words;
    }

    private static string Plain(IOpenApiSchema schema)
    {
        var word = ((schema.Type ?? JsonSchemaType.Object) & ~JsonSchemaType.Null).ToString().ToLowerInvariant();
        if (schema.Format is { } format) word += $" ({format})";
        return schema is { Minimum: { } least, Maximum: { } most } ? $"{word}, {least}–{most}" : word;
    }
}
