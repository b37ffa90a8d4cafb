namespace AdminPortal.Sandbox;

/// <summary>
/// Refuses requests for foreign host names. Listening on loopback alone does not keep a web page out whose own name
/// resolves to 127.0.0.1 (DNS rebinding), and the journal has no sign-in.
/// </summary>
internal sealed class HostGuard(RequestDelegate next, SandboxOptions options)
{
    private readonly string? _publicHost = options.PublicUrl is null ? null : new Uri(options.PublicUrl).Host;

    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (SandboxOptions.IsLoopback(host) || string.Equals(host, _publicHost, StringComparison.OrdinalIgnoreCase))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync("The sandbox answers on loopback names and on Sandbox:PublicUrl only.", context.RequestAborted);
    }
}
