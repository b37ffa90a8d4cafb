using System.Text.Json;
using System.Text.Json.Nodes;

namespace AdminPortal.Sandbox.Api;

/// <summary>The JSON object that a request carries, or why there is none.</summary>
internal readonly record struct RequestBody(JsonObject? Json, ApiFailure? Failure)
{
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request)
    {
        var (node, failure) = await ReadNodeAsync(request);
        return failure is not null ? new(null, failure)
            : node is JsonObject json ? new(json, null)
            : new(null, ApiFailure.BadRequest("The request body must be a JSON object"));
    }

    /// <summary>The JSON list that a request carries, or why there is none.</summary>
    public static async ValueTask<(JsonArray? List, ApiFailure? Failure)> ReadListAsync(HttpRequest request)
    {
        var (node, failure) = await ReadNodeAsync(request);
        return failure is not null ? (null, failure)
            : node is JsonArray list ? (list, null)
            : (null, ApiFailure.BadRequest("The request body must be a JSON array"));
    }

    private static async ValueTask<(JsonNode? Node, ApiFailure? Failure)> ReadNodeAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            return (null, new ApiFailure(StatusCodes.Status415UnsupportedMediaType, "The Content-Type must be application/json"));
        try
        {
            // The strict forms: no comments, no trailing commas, no key twice.
            var node = await JsonNode.ParseAsync(
                request.Body,
                documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false },
                cancellationToken: request.HttpContext.RequestAborted);
            ReadTexts(node);
            return (node, null);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return (null, ApiFailure.BadRequest("The request body is not valid JSON"));
        }
    }

    // The parser decodes texts only when they are read, and only then finds bytes that are no UTF-8 or half a surrogate pair.
    private static void ReadTexts(JsonNode? node)
    {
        if (node is JsonObject json)
            json.Select(property => property.Value).ToList().ForEach(ReadTexts);
        else if (node is JsonArray list)
            list.ToList().ForEach(ReadTexts);
        else if (node?.GetValueKind() == JsonValueKind.String)
            _ = node.GetValue<string>();
    }
}
