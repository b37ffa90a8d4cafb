using System.Text.Json;
using AdminPortal.Domain.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace AdminPortal.Features.Api;

/// <summary>Reads a call's JSON body: the bytes are wanted as well, and what is wrong is said by name and never with its value.</summary>
internal sealed class ApiBody(IOptions<JsonOptions> json, ApiProblems problems, IStringLocalizer<ApiText> texts)
{
    public const int MaxBytes = 64 * 1024;

    private const int MaxPathLength = 100;

    /// <summary>The body, or the problem that stands in its way.</summary>
    public async Task<(T? Value, byte[] Bytes, ProblemHttpResult? Problem)> ReadAsync<T>(HttpRequest request)
        where T : class
    {
        if (!request.HasJsonContentType()) return (null, [], problems.Make(ApiProblemType.MediaType));
        var bytes = new byte[MaxBytes + 1];
        var length = 0;
        int read;
        while (length < bytes.Length && (read = await request.Body.ReadAsync(bytes.AsMemory(length), request.HttpContext.RequestAborted)) > 0) length += read;
        if (length > MaxBytes) return (null, [], problems.Make(ApiProblemType.TooLarge, texts["Body.TooLarge", MaxBytes / 1024]));

        bytes = bytes[..length];
        try
        {
            var value = JsonSerializer.Deserialize<T>(bytes, json.Value.SerializerOptions);
            return value is null ? (null, bytes, problems.Invalid("body", texts["Body.Empty"])) : (value, bytes, null);
        }
        catch (JsonException exception)
        {
            var place = OutsideText.Clean(exception.Path, MaxPathLength) is { Length: > 2 } path ? path.TrimStart('$', '.') : "body";
            return (null, bytes, problems.Invalid(place, texts["Body.NotUnderstood", place, (exception.LineNumber ?? 0) + 1]));
        }
    }
}
