using System.Runtime.InteropServices;
using System.Text;

namespace AdminPortal.Provisioning.Storage;

/// <summary>
/// The one directory for temporary files: <c>tmp</c> in the data directory, its owner's alone. Each piece of work has a
/// directory of its own in it, and holds a lock of the operating system on the file beside it. The lock ends with its process,
/// so that another process can tell what a killed one has left from what is in use.
/// </summary>
/// <remarks>
/// A finished file gets its name in one step. Where its place is on another volume, that step needs the unfinished file to be
/// there as well; the work's directory then lists it, and it is removed with the directory.
/// </remarks>
internal sealed class TemporaryFiles : IDisposable
{
    public const string DirectoryName = "tmp";

    private const string LockExtension = ".lock";
    private const string Unfinished = ".partial";
    private const string ElsewhereList = "elsewhere.txt";

    private const UnixFileMode OwnersDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private TemporaryFiles(string directory, FileStream held)
    {
        Directory = directory;
        _lock = held;
    }

    /// <summary>The directory of this piece of work.</summary>
    public string Directory { get; }

    /// <summary>Makes the directory of a piece of work, to be removed with what is in it when it is disposed.</summary>
    public static TemporaryFiles Open(string dataDirectory)
    {
        var root = Path.Combine(dataDirectory, DirectoryName);
        PortalDatabase.MakeDirectory(root);
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(root) != OwnersDirectory) File.SetUnixFileMode(root, OwnersDirectory);
        while (true)
        {
            var directory = Path.Combine(root, Guid.NewGuid().ToString("N"));
            // Another process that cleans up may take the file in the moment before it is locked.
            if (Hold(directory + LockExtension, FileMode.CreateNew) is not { } held) continue;
            if (!File.Exists(directory + LockExtension))
            {
                held.Dispose();
                continue;
            }

            PortalDatabase.MakeDirectory(directory);
            return new TemporaryFiles(directory, held);
        }
    }

    /// <summary>Removes what processes have left that have ended.</summary>
    /// <returns>How many files were removed.</returns>
    public static int CleanUp(string dataDirectory)
    {
        var root = Path.Combine(dataDirectory, DirectoryName);
        if (!System.IO.Directory.Exists(root)) return 0;
        var removed = 0;
        foreach (var file in System.IO.Directory.GetFiles(root, "*" + LockExtension))
        {
            using var held = Hold(file, FileMode.Open);
            if (held is not null) removed += Remove(file[..^LockExtension.Length]);
        }

        // A lock is removed after its directory: one without a lock is nobody's.
        foreach (var directory in System.IO.Directory.GetDirectories(root).Where(directory => !File.Exists(directory + LockExtension))) removed += Remove(directory);
        return removed;
    }

    /// <summary>What processes have left that have ended; nothing is removed.</summary>
    public static IReadOnlyList<string> FindLeftovers(string dataDirectory)
    {
        var root = Path.Combine(dataDirectory, DirectoryName);
        if (!System.IO.Directory.Exists(root)) return [];
        return [.. System.IO.Directory.GetDirectories(root).Where(directory => !IsHeld(directory + LockExtension)).SelectMany(Files).Where(File.Exists)];
    }

    /// <summary>The path of a temporary file.</summary>
    public string PathOf(string name) => Path.Combine(Directory, name);

    /// <summary>Where a file is written until it is finished.</summary>
    /// <param name="target">The file's place.</param>
    /// <returns>A path from which <see cref="Publish"/> reaches the place in one step.</returns>
    public string PlaceFor(string target)
    {
        var here = PathOf(Guid.NewGuid().ToString("N") + Unfinished);
        var there = UnfinishedBeside(target);
        if (IsOneVolume(here, there)) return here;
        using var list = new FileStream(PathOf(ElsewhereList), OwnersAlone(FileMode.Append));
        list.Write(Encoding.UTF8.GetBytes(there + "\n"));
        list.Flush(flushToDisk: true);
        return there;
    }

    /// <summary>Gives a finished file its name in one step.</summary>
    public static void Publish(string finished, string target, bool overwrite) => File.Move(finished, target, overwrite);

    /// <summary>An unfinished file beside its place, for where there is no data directory to list it in.</summary>
    public static string UnfinishedBeside(string target) => $"{target}.{Guid.NewGuid():N}{Unfinished}";

    /// <inheritdoc />
    public void Dispose()
    {
        _ = Remove(Directory);
        _lock.Dispose();
    }

    private static FileStream? Hold(string file, FileMode mode)
    {
        try
        {
            var options = OwnersAlone(mode);
            options.Access = FileAccess.ReadWrite;
            options.Options = FileOptions.DeleteOnClose;
            return new FileStream(file, options);
        }
        catch (IOException exception) when (PortalMark.IsHeld(exception) || exception is FileNotFoundException)
        {
            return null;
        }
    }

    private static bool IsHeld(string file)
    {
        try
        {
            using var probe = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException exception) when (PortalMark.IsHeld(exception))
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static FileStreamOptions OwnersAlone(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows() && mode is not FileMode.Open) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static IEnumerable<string> Files(string directory)
    {
        var list = Path.Combine(directory, ElsewhereList);
        var elsewhere = File.Exists(list) ? File.ReadAllLines(list) : [];
        // Nothing but unfinished files is ever listed, and nothing else is removed.
        return System.IO.Directory.GetFiles(directory).Concat(elsewhere.Where(file => Path.IsPathFullyQualified(file) && file.EndsWith(Unfinished, StringComparison.Ordinal)));
    }

    private static int Remove(string directory)
    {
        if (!System.IO.Directory.Exists(directory)) return 0;
        var removed = 0;
        foreach (var file in Files(directory).Where(File.Exists).ToList())
        {
            File.Delete(file);
            removed++;
        }

        System.IO.Directory.Delete(directory, recursive: true);
        return removed;
    }

    // Renamed within a volume, a file is at no moment in two places or half in one. File.Move would copy it to another volume.
    private static bool IsOneVolume(string here, string there)
    {
        if (OperatingSystem.IsWindows()) return string.Equals(Path.GetPathRoot(here), Path.GetPathRoot(there), StringComparison.OrdinalIgnoreCase);
        using (new FileStream(here, OwnersAlone(FileMode.CreateNew)))
        {
            // An empty file, to see whether it can be renamed.
        }

        if (Rename(Encoding.UTF8.GetBytes(here + "\0"), Encoding.UTF8.GetBytes(there + "\0")) == 0)
        {
            File.Delete(there);
            return true;
        }

        File.Delete(here);
        return false;
    }

    [DllImport("libc", EntryPoint = "rename")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(byte[] from, byte[] to);
}
