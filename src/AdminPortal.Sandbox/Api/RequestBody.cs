using System.Text.Json;
using System.Text.Json.Nodes;

namespace AdminPortal.Sandbox.Api;

/// <summary>The JSON object that a request carries, or why there is none.</summary>
internal readonly record struct RequestBody(JsonObject? Json, ApiFailure? Failure)
{
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            return new(null, new ApiFailure(StatusCodes.Status415UnsupportedMediaType, "The Content-Type must be application/json"));
        try
        {
            // The strict forms: no comments, no trailing commas, no key twice.
            var node = await JsonNode.ParseAsync(
                request.Body,
                documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false },
                cancellationToken: request.HttpContext.RequestAborted);
            return node is JsonObject json
                ? new(WithReadableTexts(json), null)
                : new(null, ApiFailure.BadRequest("The request body must be a JSON object"));
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return new(null, ApiFailure.BadRequest("The request body is not valid JSON"));
        }
    }

    // The parser decodes texts only when they are read, and only then finds bytes that are no UTF-8 or half a surrogate pair.
    private static JsonObject WithReadableTexts(JsonObject json)
    {
        foreach (var value in json.Select(property => property.Value))
            ReadTexts(value);
        return json;
    }

    private static void ReadTexts(JsonNode? node)
    {
        if (node is JsonObject json)
            _ = WithReadableTexts(json);
        else if (node is JsonArray list)
            list.ToList().ForEach(ReadTexts);
        else if (node?.GetValueKind() == JsonValueKind.String)
            _ = node.GetValue<string>();
    }
}
