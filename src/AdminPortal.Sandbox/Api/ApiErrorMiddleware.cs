namespace AdminPortal.Sandbox.Api;

/// <summary>Gives every API answer its request id, and every error that has no body yet (unknown path, wrong verb) one in JSON.</summary>
internal sealed class ApiErrorMiddleware(RequestDelegate next, ILogger<ApiErrorMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!ElementsApi.Owns(context.Request.Path))
        {
            await next(context);
            return;
        }

        context.Response.Headers[RequestIdentity.Header] = RequestIdentity.Of(context);
        try
        {
            await next(context);
        }
#pragma warning disable CA1031 // The platform answers JSON to its own faults as well; the fault is logged.
        catch (Exception fault) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
#pragma warning restore CA1031
        {
            ApiLog.Failed(log, context.Request.Method, context.Request.Path, fault);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }

        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest && context.Response.Body.Length == 0)
            await new ApiFailure(context.Response.StatusCode, TextOf(context)).ExecuteAsync(context);
    }

    private static string TextOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"No resource found at {context.Request.Path}",
        StatusCodes.Status405MethodNotAllowed => $"The method {context.Request.Method} is not allowed on {context.Request.Path}",
        StatusCodes.Status415UnsupportedMediaType => "The Content-Type must be application/json",
        StatusCodes.Status500InternalServerError => "Internal server error",
        _ => "The request cannot be answered",
    };
}
