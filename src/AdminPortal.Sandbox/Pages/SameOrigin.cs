namespace AdminPortal.Sandbox.Pages;

/// <summary>
/// Lets forms of the sandbox's own pages through, and refuses those that a browser sends for anybody else. There is no sign-in and no
/// cookie here; what protects is that browsers say where a form stands.
/// </summary>
internal sealed class SameOrigin(OwnAddress own) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        IsOwn(context.HttpContext.Request) ? next(context) : ValueTask.FromResult<object?>(Html.Page(
            "Refused",
            """
            <main>
            <h1>Refused</h1>
            <p class="error">The form does not stand on a page of the sandbox, so nothing was changed.</p>
            <p><a href="/sandbox">Go to the switches</a></p>
            </main>
            """,
            StatusCodes.Status403Forbidden));

    private bool IsOwn(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
            return site == "same-origin";

        // Older browsers send the origin alone, and what is no browser neither.
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || origin.Equals(own.Of(request), StringComparison.OrdinalIgnoreCase)
            || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
