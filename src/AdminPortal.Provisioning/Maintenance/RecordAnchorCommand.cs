using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Writes an anchor of the activity record beside a backup that was made by command.</summary>
public sealed class RecordAnchorCommand(IServiceProvider services)
{
    /// <summary>Writes it.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The file, or why none was written. The backup is complete without it.</returns>
    public async Task<Result<string>> WriteBesideAsync(string backup, CancellationToken cancellationToken)
    {
        var directory = PortalDatabase.DataDirectory(services.GetRequiredService<IOptions<PortalOptions>>().Value, services.GetRequiredService<IHostEnvironment>());
        var file = AnchorFiles.BesideBackup(Path.GetFullPath(backup));
        try
        {
            var anchor = await services.GetRequiredService<RecordAnchors>().WriteForAsync(
                Path.Combine(directory, PortalDatabase.FileName), AnchorReason.Backup, Path.GetFileName(backup), file, cancellationToken).ConfigureAwait(false);
            return anchor is null ? new Problem(ProblemKind.NotNow, "No anchor of the activity record was written beside the backup: the record's key does not open.") : file;
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return new Problem(ProblemKind.Refused, $"No anchor of the activity record was written beside the backup. {DatabaseFile.Explain(exception)}");
        }
    }
}
