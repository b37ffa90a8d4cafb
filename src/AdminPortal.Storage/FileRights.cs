using AdminPortal.Domain.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Storage;

/// <summary>A path that others than the portal's user can read.</summary>
/// <param name="Path">The directory or file.</param>
/// <param name="Setting">The setting that names it.</param>
/// <param name="Mend">The command that keeps others out.</param>
/// <param name="ByEverybody">Whether everybody on the machine can, and not the owner's group alone.</param>
internal sealed record OpenPath(string Path, string Setting, string Mend, bool ByEverybody);

/// <summary>
/// Looks whether others on this machine can read what is the portal's alone: database, backups, certificates. On Windows
/// it says nothing: a directory in a user's own application data is theirs by inheritance, and access lists have no
/// simple answer to "who else".
/// </summary>
public sealed class FileRights(IOptions<PortalOptions> options, IHostEnvironment environment)
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>What is looked at before the portal takes traffic.</summary>
    /// <returns>What keeps it from starting, and what is told; sentences.</returns>
    public (IReadOnlyList<string> Refusals, IReadOnlyList<string> Warnings) Check()
    {
        if (environment.IsDevelopment() || options.Value.AllowReadableByOthers) return ([], []);
        var open = Find(options.Value, PortalDatabase.DataDirectory(options.Value, environment));
        return (
            [.. open.Where(path => path.ByEverybody).Select(path =>
                $"Everybody on this machine can read {path.Path} ({path.Setting}). Keep it to the portal's user with \"{path.Mend}\", or accept that with Portal:AllowReadableByOthers=true.")],
            [.. open.Where(path => !path.ByEverybody).Select(path => $"The owner's group can read {path.Path} ({path.Setting}). If it should not: {path.Mend}.")]);
    }

    /// <summary>Everything that others can read.</summary>
    internal static IReadOnlyList<OpenPath> Find(PortalOptions options, string dataDirectory)
    {
        if (OperatingSystem.IsWindows()) return [];
        List<OpenPath> found = [];
        LookAt(dataDirectory, "Portal:DataDirectory", found);
        if (Directory.Exists(dataDirectory))
        {
            foreach (var file in Directory.EnumerateFiles(dataDirectory, PortalDatabase.FileName + "*")) LookAt(file, "Portal:DataDirectory", found);
        }

        LookAt(Path.Combine(dataDirectory, TemporaryFiles.DirectoryName), "Portal:DataDirectory", found);
        LookAt(options.Backup.Directory, "Portal:Backup:Directory", found);
        LookAt(options.Activity.AnchorDirectory, "Portal:Activity:AnchorDirectory", found);
        LookAt(options.Backup.PassphraseFile, "Portal:Backup:PassphraseFile", found);
        LookAt(options.KeyRing.CertificatePath, "Portal:KeyRing:CertificatePath", found);
        LookAt(options.KeyRing.PreviousCertificatePath, "Portal:KeyRing:PreviousCertificatePath", found);
        return found;
    }

    private static void LookAt(string path, string setting, List<OpenPath> found)
    {
        if (OperatingSystem.IsWindows() || path.Length == 0) return;
        var isDirectory = Directory.Exists(path);
        if (!isDirectory && !File.Exists(path)) return;
        var mode = File.GetUnixFileMode(path);
        var mend = isDirectory ? $"chmod 700 {path}" : $"chmod 600 {path}";
        if ((mode & Others) != 0 && IsReached(path, UnixFileMode.OtherExecute)) found.Add(new OpenPath(path, setting, mend, true));
        else if ((mode & (Group | Others)) != 0 && IsReached(path, UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) found.Add(new OpenPath(path, setting, mend, false));
    }

    // What lies below a directory that others may not enter is out of their reach, whatever its own rights say.
    private static bool IsReached(string path, UnixFileMode enter)
    {
        for (var parent = Path.GetDirectoryName(Path.GetFullPath(path)); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(parent) & enter) == 0) return false;
        }

        return true;
    }
}
