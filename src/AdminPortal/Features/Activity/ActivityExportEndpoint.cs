using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Activity;

namespace AdminPortal.Features.Activity;

/// <summary>Hands out lines of the record as a file. An endpoint and not a page: a million lines do not go through a circuit.</summary>
internal static class ActivityExportEndpoint
{
    public static void MapActivityExport(this WebApplication app) =>
        app.MapGet("/activity/export", HandleAsync).RequireOperation(Operation.Download);

    private static async Task HandleAsync(HttpContext context, ActivityExport export, ILogger<ActivityExport> logger)
    {
        var query = ActivityAddress.Read(context.Request.QueryString.Value ?? "");
        // As it was understood, not as it was sent.
        var filter = ActivityAddress.Write("", query with { Before = null, After = null });
        var file = await export.BeginAsync(context.User.Actor(), filter.TrimStart('?'), context.RequestAborted);
        await ExportAnswer.SendAsync(context, file, (body, aborted) => export.WriteAsync(query, body, aborted), exception => ActivityLog.RecordExportFailed(logger, exception));
    }
}
