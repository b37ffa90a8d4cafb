namespace AdminPortal.Hosting;

/// <summary>303: the browser asks for another address with GET, and this one is not kept in its history.</summary>
/// <param name="location">A path of the portal, or an address that was checked.</param>
internal sealed class SeeOther(string location) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = location;
        httpContext.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
