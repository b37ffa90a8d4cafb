using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Provisioning;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.OpenApi;

namespace AdminPortal.Features.Api;

/// <summary>The reference of the API. It is made of the document, and the document of the endpoints: it cannot say anything else than they do.</summary>
public sealed partial class ApiReference
{
    private const string DocumentAddress = ApiServices.Root + "/openapi.json";

    // For reading: what HTML makes of quotes and umlauts is Razor's to see to.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
        var body = JsonSerializer.Serialize(ApiExamples.NewAttempt, new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
            WriteIndented = true,
        });
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

    private RenderFragment TypeOf(IOpenApiSchema? schema) => builder =>
    {
        var sequence = 0;
        Write(builder, ref sequence, schema);
    };

    private void Write(RenderTreeBuilder builder, ref int sequence, IOpenApiSchema? schema)
    {
        if (schema is null) return;
        if (schema is OpenApiSchemaReference { Reference.Id: { } name })
        {
            builder.OpenElement(sequence++, "a");
            builder.AddAttribute(sequence++, "href", At(SchemaAnchor(name)));
            builder.AddContent(sequence++, name);
            builder.CloseElement();
            return;
        }

        var choices = (schema.OneOf ?? []).Concat(schema.AnyOf ?? []).Where(choice => choice.Type != JsonSchemaType.Null).ToList();
        var mayBeNull = schema.Type?.HasFlag(JsonSchemaType.Null) == true || (schema.OneOf ?? []).Any(choice => choice.Type == JsonSchemaType.Null);
        if (choices.Count > 0)
        {
            foreach (var choice in choices) Write(builder, ref sequence, choice);
        }
        else if (schema.Items is { } items)
        {
            builder.AddContent(sequence++, L["Help.ListOf"] + " ");
            Write(builder, ref sequence, items);
        }
        else if (schema.AdditionalProperties is { } values)
        {
            builder.AddContent(sequence++, L["Help.MapOf"] + " ");
            Write(builder, ref sequence, values);
        }
        else if (schema.Enum is { Count: > 0 } names)
        {
            builder.AddContent(sequence++, string.Join(", ", names.Where(one => one is not null).Select(one => one.ToString())));
        }
        else
        {
            var word = ((schema.Type ?? JsonSchemaType.Object) & ~JsonSchemaType.Null).ToString().ToLowerInvariant();
            builder.AddContent(sequence++, schema.Format is { } format ? $"{word} ({format})" : word);
            if (schema is { Minimum: { } least, Maximum: { } most }) builder.AddContent(sequence++, $", {least}–{most}");
        }

        if (mayBeNull) builder.AddContent(sequence++, " " + L["Help.OrNull"]);
    }
}
