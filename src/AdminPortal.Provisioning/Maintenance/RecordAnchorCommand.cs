using AdminPortal.Domain;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Record;
using AdminPortal.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Writes an anchor of the activity record beside a backup that is made by command.</summary>
public sealed class RecordAnchorCommand(IServiceProvider services)
{
    /// <summary>Writes it around a backup: the anchor is made before, so that the backup is never older than it.</summary>
    /// <param name="backup">The backup's file.</param>
    /// <param name="makeBackup">Makes the backup.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of the backup, and the anchor's file or why none was written. The backup is complete without it.</returns>
    public async Task<(Result<T> Backup, Result<string> Anchor)> WriteAroundAsync<T>(string backup, Func<Task<Result<T>>> makeBackup, CancellationToken cancellationToken)
    {
        var made = await MakeAsync(backup, cancellationToken).ConfigureAwait(false);
        var done = await makeBackup().ConfigureAwait(false);
        if (!done.Succeeded || !made.Succeeded) return (done, made.Succeeded ? "" : made.Problems.ToArray());
        try
        {
            var (anchor, key, certificates) = made.Value;
            var file = AnchorFiles.BesideBackup(Path.GetFullPath(backup));
            AnchorFiles.Replace(file, (anchor with { Serial = 1 }).Sign(key, certificates.Current));
            return (done, file);
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return (done, NotWritten(exception));
        }
    }

    private static Problem NotWritten(Exception exception) =>
        new(ProblemKind.Refused, $"No anchor of the activity record was written beside the backup. {DatabaseFile.Explain(exception)}");

    private async Task<Result<MadeAnchor>> MakeAsync(string backup, CancellationToken cancellationToken)
    {
        var directory = PortalDatabase.DataDirectory(services.GetRequiredService<IOptions<PortalOptions>>().Value, services.GetRequiredService<IHostEnvironment>());
        try
        {
            var made = await services.GetRequiredService<RecordAnchors>().MakeForAsync(
                Path.Combine(directory, PortalDatabase.FileName), AnchorReason.Backup, Path.GetFileName(backup), cancellationToken).ConfigureAwait(false);
            return made is null ? new Problem(ProblemKind.NotNow, "No anchor of the activity record was written beside the backup: the record's key does not open.") : made;
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return NotWritten(exception);
        }
    }
}
