using AdminPortal.Provisioning.Storage;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Files that a killed process has left: those of <see cref="TemporaryFiles"/>, and those of release 0.1, which had no directory for them.</summary>
public static class Leftovers
{
    private const string FormerClearCopies = "backup-in-the-clear.*";
    private const string FormerRestores = PortalDatabase.FileName + ".restoring*";

    // A process of release 0.1 that is still at work has younger ones.
    private static readonly TimeSpan FormerAge = TimeSpan.FromHours(6);

    /// <summary>Removes them. To be called at each start and each backup.</summary>
    /// <returns>How many files were removed.</returns>
    public static int CleanUp(string dataDirectory)
    {
        var former = FindFormer(dataDirectory).Where(IsOld).ToList();
        foreach (var file in former) File.Delete(file);
        return former.Count + TemporaryFiles.CleanUp(dataDirectory);
    }

    /// <summary>Finds them; nothing is removed.</summary>
    internal static IReadOnlyList<string> Find(string dataDirectory) => [.. FindFormer(dataDirectory), .. TemporaryFiles.FindLeftovers(dataDirectory)];

    private static IEnumerable<string> FindFormer(string dataDirectory) => Directory.Exists(dataDirectory)
        ? Directory.EnumerateFiles(dataDirectory, FormerClearCopies).Concat(Directory.EnumerateFiles(dataDirectory, FormerRestores))
        : [];

    private static bool IsOld(string file) => TimeProvider.System.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file) > FormerAge;
}
