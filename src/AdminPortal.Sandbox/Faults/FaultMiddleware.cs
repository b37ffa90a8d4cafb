using System.Globalization;
using AdminPortal.Sandbox.Api;

namespace AdminPortal.Sandbox.Faults;

/// <summary>Lets queued faults happen to API calls.</summary>
internal sealed class FaultMiddleware(RequestDelegate next, FaultQueue faults, IHostApplicationLifetime lifetime)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(ElementsApi.BasePath, StringComparison.Ordinal, out var path)
            || faults.Take(context.Request.Method, path.HasValue && path.Value.Length > 1 ? path.Value.TrimEnd('/') : "/") is not { } fault)
        {
            await next(context);
            return;
        }

        if (fault.Status is { } status)
            await AnswerAsync(context, fault, status);
        else if (fault.Drop is not FaultDrop.Before)
            await next(context);

        var text = fault.Drop is FaultDrop.After ? $"{fault.Describe()}; the answer would have been {context.Response.StatusCode}" : fault.Describe();
        context.Features.Set(new FiredFault(fault.Drop, text));
        if (fault.DelayMilliseconds > 0)
            await DelayAsync(context, fault.DelayMilliseconds);
    }

    private static Task AnswerAsync(HttpContext context, Fault fault, int status)
    {
        context.Response.Headers[RequestIdentity.Header] = RequestIdentity.Of(context);
        if (fault.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return new ApiFailure(status, fault.Message ?? "A fault that was asked for", fault.ProviderMessage).ExecuteAsync(context);
    }

    private async Task DelayAsync(HttpContext context, int milliseconds)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await Task.Delay(milliseconds, over.Token);
        }
        catch (OperationCanceledException)
        {
            // The caller gave up, or the sandbox ends: the request still belongs into the journal.
        }
    }
}
