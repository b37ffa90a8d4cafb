using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Ui;

/// <summary>The addresses of a job.</summary>
internal static class JobAddress
{
    /// <summary>The address of a job's page.</summary>
    /// <param name="id">The job.</param>
    /// <param name="show">Shows only the rows in this state; null shows all.</param>
    public static string Of(Guid id, JobItemState? show = null) => show is null ? $"/activity/{id}" : $"/activity/{id}?show={show}";

    /// <summary>The address of the file of an export.</summary>
    public static string Export(Guid id, ExportFormat format) => $"/activity/{id}/export?format={format.ToString().ToLowerInvariant()}";
}
