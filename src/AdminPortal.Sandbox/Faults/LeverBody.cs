using System.Text.Json;
using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Faults;

/// <summary>Bodies of the test levers, and the answer to wrong ones.</summary>
internal static class LeverBody
{
    public static IResult Wrong(string problem) =>
        Results.Json(new ErrorText(problem), WireFormat.Json, statusCode: StatusCodes.Status400BadRequest);

    // Only with a JSON content type, which a form of a foreign web page cannot send.
    public static async Task<(T? Value, string? Problem)> ReadAsync<T>(HttpRequest request, string form) where T : class
    {
        var (json, _) = await RequestBody.ReadAsync(request);
        if (json is null)
            return (null, "The body must be a JSON object with the content type application/json.");
        try
        {
            return (json.Deserialize<T>(WireFormat.Json), null);
        }
        catch (JsonException)
        {
            return (null, $"The body must have the form {form}");
        }
    }
}
