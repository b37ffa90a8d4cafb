using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Ui;

namespace AdminPortal.Features.Jobs;

/// <summary>Hands out an export as a file. An endpoint and not a page: a million rows do not go through a circuit.</summary>
internal static class ExportEndpoint
{
    public static void MapExport(this WebApplication app) =>
        app.MapGet("/activity/{job:guid}/export", HandleAsync).RequireOperation(Operation.Download);

    private static async Task HandleAsync(Guid job, string? format, HttpContext context, InstanceExport export, ILogger<InstanceExport> logger)
    {
        if (NamedValue.Find<ExportFormat>(format) is not { } wanted)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("The format is csv or json.", context.RequestAborted);
            return;
        }

        var file = await export.BeginAsync(job, wanted, context.User.Actor(), context.RequestAborted);
        await ExportAnswer.SendAsync(context, file, (body, aborted) => export.WriteAsync(job, wanted, body, aborted), exception => JobsLog.ExportFailed(logger, job, exception));
    }
}
