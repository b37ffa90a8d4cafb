using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

/// <summary>An error of the platform: <c>requestId</c>, <c>message</c> and, when the provider refused, <c>providerMessage</c>.</summary>
internal sealed class ApiFailure(int status, string message, string? providerMessage = null) : IResult
{
    public static ApiFailure BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    public static ApiFailure NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    public static ApiFailure NoElement(string keyOrId) => NotFound($"No element found with key or ID {keyOrId}");

    public static ApiFailure NoInstance(string id) => NotFound($"No element instance found with ID {id}");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        var body = new ErrorBody(RequestIdentity.Of(httpContext), message, providerMessage);
        return httpContext.Response.WriteAsJsonAsync(body, WireFormat.Json, httpContext.RequestAborted);
    }
}
