using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

/// <summary>What succeeds is always 200: the platform knows neither 201 nor 204.</summary>
internal static class ApiAnswer
{
    public static IResult Json<T>(T body) => Results.Json(body, WireFormat.Json);

    public static IResult Empty() => Results.StatusCode(StatusCodes.Status200OK);
}
