using System.Globalization;
using AdminPortal.Domain.Text;

namespace AdminPortal.Storage;

/// <summary>Other processes that have a file open. Linux alone can be asked, and tells of the own user's processes, or of all to root.</summary>
internal static class FileHolders
{
    private const string Processes = "/proc";
    private const int Most = 5;

    /// <summary>Finds them.</summary>
    /// <returns>For each its name and number, "sqlite3 (process 1234)"; none where nothing can be found out.</returns>
    public static IReadOnlyList<string> Find(string file)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Processes)) return [];
        return [.. Directory.EnumerateDirectories(Processes)
            .Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId)
            .Where(path => HasOpen(path, file))
            .Select(Describe)
            .Take(Most)];
    }

    private static bool HasOpen(string process, string file)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(handle => new FileInfo(handle).LinkTarget == file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or belongs to another user.
            return false;
        }
    }

    private static string Describe(string process)
    {
        var id = Path.GetFileName(process);
        try
        {
            return $"{OutsideText.Clean(File.ReadAllText(Path.Combine(process, "comm")).Trim(), 30)} (process {id})";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"process {id}";
        }
    }
}
