namespace AdminPortal.Sandbox.SignIn;

/// <summary>302 to the caller, with the address exactly as composed: the framework's own redirect would encode parts of it again.</summary>
internal sealed class RedirectBack(string address) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status302Found;
        response.Headers.Location = address;
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return Task.CompletedTask;
    }
}
