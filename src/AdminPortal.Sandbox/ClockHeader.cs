using System.Globalization;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox;

/// <summary>Answers carry the sandbox's time, not the machine's, so that a clock that is wrong can be seen from outside.</summary>
internal sealed class ClockHeader(RequestDelegate next, SandboxClock clock)
{
    public Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        return next(context);
    }
}
