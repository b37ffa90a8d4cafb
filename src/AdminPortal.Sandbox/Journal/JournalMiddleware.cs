using System.Diagnostics;
using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.Faults;
using AdminPortal.Sandbox.SignIn;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Journal;

/// <summary>
/// Records every API and sign-in request before its answer leaves, so that whoever has the answer finds the entry. For that the
/// answer is held in memory; a fault that drops the connection throws it away here.
/// </summary>
internal sealed class JournalMiddleware(
    RequestDelegate next, RequestJournal journal, SecretMask mask, Identifiers identifiers, SandboxClock clock, IHostApplicationLifetime lifetime)
{
    // Long enough for what was sent to have left before the connection is broken.
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(100);

    public async Task InvokeAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (!ElementsApi.Owns(request.Path) && !SignInEndpoints.Owns(request.Path))
        {
            await next(context);
            return;
        }

        var at = clock.GetUtcNow();
        var started = Stopwatch.GetTimestamp();
        context.Features.Set(new RequestIdentity(identifiers.RequestId()));
        using var requestBody = new MemoryStream();
        using var responseBody = new MemoryStream();
        var client = response.Body;
        response.Body = responseBody;
        try
        {
            if (await TryReadAsync(request, requestBody))
                await next(context);
            else
                await new ApiFailure(StatusCodes.Status413PayloadTooLarge, "The request body is too large").ExecuteAsync(context);
        }
        finally
        {
            response.Body = client;
        }

        var fault = context.Features.Get<FiredFault>();
        var dropped = fault is { Drops: true };
        journal.Add(new JournalEntry(
            0,
            at,
            request.Method,
            mask.Path(request.Path),
            mask.Query(request.QueryString),
            dropped ? 0 : response.StatusCode,
            (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds,
            mask.Headers(request.Headers),
            mask.Body(requestBody.GetBuffer().AsSpan(0, (int)requestBody.Length), request.ContentType),
            Kept(context, fault, responseBody),
            fault?.Text));

        if (dropped)
        {
            context.Abort();
            return;
        }

        await SendAsync(context, client, responseBody, fault);
    }

    private async Task SendAsync(HttpContext context, Stream client, MemoryStream responseBody, FiredFault? fault)
    {
        context.Response.ContentLength = responseBody.Length;
        responseBody.Position = 0;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        if (fault is { SlowSeconds: > 0 })
            await DripAsync(context, responseBody, fault.SlowSeconds);
        if (fault is { Cuts: true })
            responseBody.SetLength(responseBody.Length / 2);
        await responseBody.CopyToAsync(client, context.RequestAborted);
        if (fault is { Cuts: true })
        {
            await client.FlushAsync(context.RequestAborted);
            await Task.Delay(OnItsWay, lifetime.ApplicationStopping);
            context.Abort();
        }
    }

    private string? Kept(HttpContext context, FiredFault? fault, MemoryStream body)
    {
        if (!ElementsApi.Owns(context.Request.Path))
            return null;
        return fault is { Repeats: true }
            ? "(repeats what was sent, which is not kept)"
            : mask.Body(body.GetBuffer().AsSpan(0, (int)body.Length), context.Response.ContentType);
    }

    private async Task DripAsync(HttpContext context, MemoryStream body, int seconds)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var one = new byte[1];
            for (var second = 0; second < seconds && body.Read(one) > 0; second++)
            {
                await context.Response.Body.WriteAsync(one, over.Token);
                await context.Response.Body.FlushAsync(over.Token);
                await Task.Delay(TimeSpan.FromSeconds(1), over.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The caller gave up, or the sandbox ends.
            context.Abort();
        }
    }

    private static async Task<bool> TryReadAsync(HttpRequest request, MemoryStream into)
    {
        try
        {
            await request.Body.CopyToAsync(into, request.HttpContext.RequestAborted);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return false;
        }

        into.Position = 0;
        request.Body = into;
        return true;
    }
}
