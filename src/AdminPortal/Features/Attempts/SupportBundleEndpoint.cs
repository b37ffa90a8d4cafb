using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Provisioning.Attempts;
using Microsoft.Net.Http.Headers;

namespace AdminPortal.Features.Attempts;

/// <summary>Hands out an attempt's support bundle as a file.</summary>
internal static class SupportBundleEndpoint
{
    public static void MapSupportBundle(this WebApplication app) =>
        app.MapGet("/connect/{attempt:guid}/support-bundle", HandleAsync).RequireOperation(Operation.Download);

    private static async Task HandleAsync(Guid attempt, HttpContext context, SupportBundle bundle)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        var file = await bundle.WriteAsync(attempt, context.User.Actor(), context.RequestAborted);
        if (!file.Succeeded)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            await response.WriteAsync(file.Problems[0].Message, context.RequestAborted);
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        var attachment = new ContentDispositionHeaderValue("attachment");
        attachment.SetHttpFileName(file.Value.Name);
        response.Headers.ContentDisposition = attachment.ToString();
        await response.Body.WriteAsync(file.Value.Content, context.RequestAborted);
    }
}
