using System.Globalization;
using System.Text;
using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.SignIn;

namespace AdminPortal.Sandbox.Faults;

/// <summary>Lets queued faults happen to calls of the API and of the sign-in.</summary>
internal sealed class FaultMiddleware(RequestDelegate next, FaultQueue faults, KnownWords known, IHostApplicationLifetime lifetime)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (FaultPlace.CallOf(context.Request) is not { } call || faults.Take(new FaultedRequest(context.Request, call, known).Meets) is not { } fault)
        {
            await next(context);
            return;
        }

        // Kinds are for the endpoints, which ask for them.
        context.Features.Set(fault);
        if (fault.DelayFirst)
        {
            // Nobody takes a request back: it is carried out late, whether or not the caller still waits.
            await HoldAsync(fault.DelayMilliseconds, lifetime.ApplicationStopping);
            context.RequestAborted = lifetime.ApplicationStopping;
        }

        if (fault.Status is { } status)
            await AnswerAsync(context, fault, status);
        else if (fault.Drop is not FaultDrop.Before)
            await next(context);

        var text = fault.Drop is FaultDrop.After ? $"{fault.Describe()}; the answer would have been {context.Response.StatusCode}" : fault.Describe();
        if (fault.Body is { } shape)
            Reshape(context.Response, shape);
        context.Features.Set(new FiredFault(fault, text));
        if (fault is { DelayMilliseconds: > 0, DelayFirst: false })
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await HoldAsync(fault.DelayMilliseconds, over.Token);
        }
    }

    private static Task AnswerAsync(HttpContext context, Fault fault, int status)
    {
        if (fault.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var message = fault.Message ?? "A fault that was asked for";
        if (fault.Echo)
            message = $"{message}: {FaultedRequest.Sent(context.Request)}";
        if (SignInEndpoints.Owns(context.Request.Path))
            return SignInPages.OutOfOrder(message, status).ExecuteAsync(context);
        context.Response.Headers[RequestIdentity.Header] = RequestIdentity.Of(context);
        return new ApiFailure(status, message, fault.ProviderMessage).ExecuteAsync(context);
    }

    private static void Reshape(HttpResponse response, FaultShape shape)
    {
        // The journal's own, see there.
        var body = (MemoryStream)response.Body;
        switch (shape)
        {
            case FaultShape.Malformed:
                Replace(body, string.Concat("{\"sandbox\": }", Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length))));
                break;
            case FaultShape.Truncated:
                body.SetLength(body.Length / 2);
                break;
            case FaultShape.Html:
                response.ContentType = "text/html; charset=utf-8";
                Replace(body, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Gateway</title></head><body><h1>Please wait</h1><p>A page, and no answer.</p></body></html>\n");
                break;
            case FaultShape.Empty:
                response.Headers.ContentType = default;
                body.SetLength(0);
                break;
            case FaultShape.Cut:
                // By whoever sends it.
                break;
        }
    }

    private static void Replace(MemoryStream body, string text)
    {
        body.SetLength(0);
        body.Write(Encoding.UTF8.GetBytes(text));
    }

    private static async Task HoldAsync(int milliseconds, CancellationToken over)
    {
        try
        {
            await Task.Delay(milliseconds, over);
        }
        catch (OperationCanceledException)
        {
            // The caller gave up, or the sandbox ends: the request still belongs into the journal.
        }
    }
}
