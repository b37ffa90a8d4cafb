using AdminPortal.Features.SignIn;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.People;
using Microsoft.Net.Http.Headers;

namespace AdminPortal.Features.Activity;

/// <summary>Hands out lines of the record as a file. An endpoint and not a page: a million lines do not go through a circuit.</summary>
internal static class ActivityExportEndpoint
{
    public static void MapActivityExport(this WebApplication app) =>
        app.MapGet("/activity/export", HandleAsync).RequireOperation(Operation.Download);

    private static async Task HandleAsync(HttpContext context, ActivityExport export, ILogger<ActivityExport> logger)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        var query = ActivityAddress.Read(context.Request.QueryString.Value ?? "");
        // As it was understood, not as it was sent.
        var filter = ActivityAddress.Write("", query with { Before = null, After = null });
        var file = await export.BeginAsync(context.User.Actor(), filter.TrimStart('?'), context.RequestAborted);
        if (!file.Succeeded)
        {
            response.StatusCode = StatusCodes.Status403Forbidden;
            await response.WriteAsync(file.Problems[0].Message, context.RequestAborted);
            return;
        }

        response.ContentType = file.Value.ContentType;
        var attachment = new ContentDispositionHeaderValue("attachment");
        attachment.SetHttpFileName(file.Value.Name);
        response.Headers.ContentDisposition = attachment.ToString();
        try
        {
            await export.WriteAsync(query, response.Body, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The person gave up.
        }
        catch (Exception exception) when (response.HasStarted)
        {
            // A file that ends in the middle must not look whole: the connection is broken off.
            ActivityLog.RecordExportFailed(logger, exception);
            context.Abort();
        }
    }
}
