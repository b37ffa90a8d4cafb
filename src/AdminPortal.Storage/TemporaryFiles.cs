using System.Runtime.InteropServices;
using System.Text;

namespace AdminPortal.Storage;

/// <summary>
/// The directory for temporary files: <c>tmp</c> in the data directory, readable by its owner only. Each piece of work has its own
/// directory in it and holds a lock of the operating system on the file beside that directory. The lock ends with its process, so other
/// processes can tell the files of a killed process from files in use.
/// </summary>
/// <remarks>
/// A finished file gets its name in one step. On another volume, that step needs the unfinished file to be on that volume too. The work's
/// directory lists such a file, and it is removed with the directory.
/// </remarks>
internal sealed class TemporaryFiles : IDisposable
{
    public const string DirectoryName = "tmp";

    private const string LockExtension = ".lock";
    internal const string Unfinished = ".partial";
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
            // Another process that cleans up may remove the file before it is locked.
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

    /// <summary>Removes the files of processes that have ended. What cannot be removed is left and told; the others are removed.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="failed">Called with the path and the reason for each file or directory that could not be removed.</param>
    /// <returns>How many files were removed.</returns>
    public static int CleanUp(string dataDirectory, Action<string, string>? failed = null)
    {
        var root = Path.Combine(dataDirectory, DirectoryName);
        if (!System.IO.Directory.Exists(root)) return 0;
        var removed = 0;
        Try(root, () =>
        {
            foreach (var file in System.IO.Directory.GetFiles(root, "*" + LockExtension)) Try(file, () => RemoveUnlessHeld(file));
            // A directory without a lock file is not in use.
            foreach (var directory in System.IO.Directory.GetDirectories(root).Where(directory => !Path.Exists(directory + LockExtension)))
                Try(directory, () => removed += Remove(directory));
        });
        return removed;

        void RemoveUnlessHeld(string file)
        {
            using var held = Hold(file, FileMode.Open);
            if (held is not null) removed += Remove(file[..^LockExtension.Length]);
        }

        void Try(string path, Action remove)
        {
            try
            {
                remove();
            }
            catch (DirectoryNotFoundException)
            {
                // Another process that cleans up was faster.
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failed?.Invoke(path, exception.Message);
            }
        }
    }

    /// <summary>
    /// Finds the files of processes that have ended; nothing is removed. A directory that cannot be read, for example another user's, is
    /// listed itself.
    /// </summary>
    public static IReadOnlyList<string> FindLeftovers(string dataDirectory) =>
        [.. Directories(dataDirectory).Where(directory => !IsHeld(directory + LockExtension)).SelectMany(FilesOrItself)];

    /// <summary>Finds the files of processes that are at work.</summary>
    public static IReadOnlyList<string> FindInUse(string dataDirectory) =>
        [.. Directories(dataDirectory).Where(directory => IsHeld(directory + LockExtension)).SelectMany(FilesOrItself)];

    private static string[] Directories(string dataDirectory)
    {
        var root = Path.Combine(dataDirectory, DirectoryName);
        try
        {
            return System.IO.Directory.Exists(root) ? System.IO.Directory.GetDirectories(root) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [root];
        }
    }

    private static IReadOnlyList<string> FilesOrItself(string directory)
    {
        try
        {
            return [.. Files(directory).Where(File.Exists)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [directory];
        }
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
        using var list = OwnerOnlyFile.Open(PathOf(ElsewhereList), FileMode.Append);
        list.Write(Encoding.UTF8.GetBytes(there + "\n"));
        list.Flush(flushToDisk: true);
        return there;
    }

    /// <summary>Gives a finished file its name in one step.</summary>
    public static void Publish(string finished, string target, bool overwrite) => File.Move(finished, target, overwrite);

    /// <summary>
    /// The path of an unfinished file beside its place, if no directory in the data directory can list it. <c>Leftovers</c>
    /// finds it by its name.
    /// </summary>
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
            return OwnerOnlyFile.Open(file, mode, FileAccess.ReadWrite, options: FileOptions.DeleteOnClose);
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
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is no lock file, or it is another user's. Nobody can tell then, and a copy of the database must not stay unnoticed.
            return false;
        }
    }

    private static IEnumerable<string> Files(string directory)
    {
        var list = Path.Combine(directory, ElsewhereList);
        var elsewhere = File.Exists(list) ? File.ReadAllLines(list) : [];
        // Only unfinished files are ever listed; nothing else is removed. SQLite may have left its files beside a copy.
        var unfinished = elsewhere.Where(file => Path.IsPathFullyQualified(file) && file.EndsWith(Unfinished, StringComparison.Ordinal));
        return System.IO.Directory.GetFiles(directory).Concat(unfinished.SelectMany(DatabaseFile.WithCompanions));
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

    // rename(2) is atomic and fails across volumes. File.Move would copy the file instead.
    private static bool IsOneVolume(string here, string there)
    {
        if (OperatingSystem.IsWindows()) return string.Equals(Path.GetPathRoot(here), Path.GetPathRoot(there), StringComparison.OrdinalIgnoreCase);
        using (OwnerOnlyFile.Open(here, FileMode.CreateNew))
        {
            // An empty file to try the rename with.
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
