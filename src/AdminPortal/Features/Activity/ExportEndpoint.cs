using AdminPortal.Features.SignIn;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.People;
using Microsoft.Net.Http.Headers;

namespace AdminPortal.Features.Activity;

/// <summary>Hands out an export as a file. An endpoint and not a page: a million rows do not go through a circuit.</summary>
internal static class ExportEndpoint
{
    public static void MapExport(this WebApplication app) =>
        app.MapGet("/activity/{job:guid}/export", HandleAsync).RequireOperation(Operation.Download);

    private static async Task HandleAsync(Guid job, string? format, HttpContext context, InstanceExport export, ILogger<InstanceExport> logger)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        if (ActivityAddress.OneOf<ExportFormat>(format) is not { } wanted)
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            await response.WriteAsync("The format is csv or json.", context.RequestAborted);
            return;
        }

        var file = await export.BeginAsync(job, wanted, context.User.Actor(), context.RequestAborted);
        if (!file.Succeeded)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            await response.WriteAsync(file.Problems[0].Message, context.RequestAborted);
            return;
        }

        response.ContentType = file.Value.ContentType;
        var attachment = new ContentDispositionHeaderValue("attachment");
        attachment.SetHttpFileName(file.Value.Name);
        response.Headers.ContentDisposition = attachment.ToString();
        try
        {
            await export.WriteAsync(job, wanted, response.Body, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The person gave up.
        }
        catch (Exception exception) when (response.HasStarted)
        {
            // A file that ends in the middle must not look whole: the connection is broken off.
            ActivityLog.ExportFailed(logger, job, exception);
            context.Abort();
        }
    }
}
