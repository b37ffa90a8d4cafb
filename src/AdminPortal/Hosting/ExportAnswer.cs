using AdminPortal.Domain;
using AdminPortal.Provisioning.Shared;
using Microsoft.Net.Http.Headers;

namespace AdminPortal.Hosting;

/// <summary>Answers with an export as a file, or with the sentence that says why there is none.</summary>
internal static class ExportAnswer
{
    /// <summary>Sends the file as it is written.</summary>
    /// <param name="context">The request; its answer has not begun.</param>
    /// <param name="file">What the service said of the file.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="failed">Logs that it ended in the middle.</param>
    public static async Task SendAsync(HttpContext context, Result<ExportFile> file, Func<Stream, CancellationToken, Task> write, Action<Exception> failed)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        if (!file.Succeeded)
        {
            response.StatusCode = file.Problems[0].Kind == ProblemKind.NotAllowed ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound;
            await response.WriteAsync(file.Problems[0].Message, context.RequestAborted);
            return;
        }

        response.ContentType = file.Value.ContentType;
        var attachment = new ContentDispositionHeaderValue("attachment");
        attachment.SetHttpFileName(file.Value.Name);
        response.Headers.ContentDisposition = attachment.ToString();
        try
        {
            await write(response.Body, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The person gave up.
        }
        catch (Exception exception) when (response.HasStarted)
        {
            // A file that ends in the middle must not look whole: the connection is broken off.
            failed(exception);
            context.Abort();
        }
    }
}
