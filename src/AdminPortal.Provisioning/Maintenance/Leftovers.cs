using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>
/// Files that a killed process has left: those of <see cref="TemporaryFiles"/>, unfinished files beside their place, and those of release
/// 0.1, which had no directory for them.
/// </summary>
public static class Leftovers
{
    private const string FormerClearCopies = "backup-in-the-clear.*";
    private const string FormerRestores = PortalDatabase.FileName + ".restoring*";

    // Lines of the activity record in clear text, in the directory of the backups.
    private const string FormerExports = "activity-*" + TemporaryFiles.Unfinished;

    // Keep recent files: a running process of release 0.1 may use them.
    private static readonly TimeSpan FormerAge = TimeSpan.FromHours(6);

    /// <summary>Removes them. To be called at each start and each backup. What cannot be removed is left.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="backupDirectory">The directory of the nightly backups; empty for none.</param>
    /// <param name="failed">Called with the path and the reason for each file or directory that could not be removed.</param>
    /// <returns>How many files were removed.</returns>
    public static int CleanUp(string dataDirectory, string backupDirectory = "", Action<string, string>? failed = null)
    {
        var removed = TemporaryFiles.CleanUp(dataDirectory, failed);
        foreach (var file in FindFormer(dataDirectory, backupDirectory).Where(IsOld).ToList())
        {
            try
            {
                File.Delete(file);
                removed++;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failed?.Invoke(file, exception.Message);
            }
        }

        return removed;
    }

    /// <summary>Finds them; nothing is removed. Files of processes at work are not among them.</summary>
    internal static IReadOnlyList<string> Find(string dataDirectory, string backupDirectory = "")
    {
        var inUse = TemporaryFiles.FindInUse(dataDirectory).ToHashSet(StringComparer.Ordinal);
        // Wherever a backup was written to, its unfinished file has this name.
        const string unfinished = "*" + TemporaryFiles.Unfinished + "*";
        return
        [
            .. FindFormer(dataDirectory, backupDirectory)
                .Concat(Files(dataDirectory, unfinished)).Concat(Files(backupDirectory, unfinished))
                .Concat(TemporaryFiles.FindLeftovers(dataDirectory))
                .Where(file => !inUse.Contains(file)).Distinct(StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<string> FindFormer(string dataDirectory, string backupDirectory) =>
        Files(dataDirectory, FormerClearCopies).Concat(Files(dataDirectory, FormerRestores)).Concat(Files(backupDirectory, FormerExports));

    private static string[] Files(string directory, string pattern) =>
        Directory.Exists(directory) ? Directory.GetFiles(directory, pattern) : [];

    private static bool IsOld(string file) => TimeProvider.System.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file) > FormerAge;
}
