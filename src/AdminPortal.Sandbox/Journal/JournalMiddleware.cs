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
    RequestDelegate next, RequestJournal journal, SecretMask mask, Identifiers identifiers, SandboxClock clock)
{
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
        var dropped = fault is { Drop: not FaultDrop.None };
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
            ElementsApi.Owns(request.Path)
                ? mask.Body(responseBody.GetBuffer().AsSpan(0, (int)responseBody.Length), response.ContentType)
                : null,
            fault?.Text));

        if (dropped)
        {
            context.Abort();
            return;
        }

        response.ContentLength = responseBody.Length;
        responseBody.Position = 0;
        if (!HttpMethods.IsHead(request.Method))
            await responseBody.CopyToAsync(client, context.RequestAborted);
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
