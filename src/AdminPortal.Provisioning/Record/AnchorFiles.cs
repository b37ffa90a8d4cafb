using System.Globalization;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Record;

/// <summary>A line of an anchor file.</summary>
/// <param name="Place">The file and the line, for messages.</param>
/// <param name="Anchor">The anchor; null where the line is damaged.</param>
internal sealed record AnchorLine(string Place, RecordAnchor? Anchor);

/// <summary>A file or directory with anchors.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Lines">Its anchors, read before the database.</param>
/// <param name="MustHaveAnchors">Whether it is the directory configured for anchors: empty beside a record with rows, it may be a mount that is away.</param>
internal sealed record AnchorPlace(string Path, IReadOnlyList<AnchorLine> Lines, bool MustHaveAnchors = false);

/// <summary>Reads and writes anchors: one in a file beside the database, and one file for each day in a directory.</summary>
internal static class AnchorFiles
{
    private const string Pattern = "activity-anchors-*.jsonl";
    private const string OfBackup = ".anchor";

    // A year of hourly anchors is read in a second. A start looks at the newest files, which decide.
    private const int NewestFiles = 60;

    /// <summary>The file beside the database.</summary>
    public static string BesideDatabase(string dataDirectory) => Path.Combine(dataDirectory, PortalDatabase.FileName + ".anchor");

    /// <summary>The file beside a backup.</summary>
    public static string BesideBackup(string file) => file + OfBackup;

    /// <summary>Reads a file, or the newest files of a directory. What is not there has no lines.</summary>
    public static List<AnchorLine> Read(string fileOrDirectory)
    {
        if (File.Exists(fileOrDirectory)) return [.. ReadFile(fileOrDirectory)];
        if (!Directory.Exists(fileOrDirectory)) return [];
        var files = Directory.EnumerateFiles(fileOrDirectory, Pattern).Order(StringComparer.Ordinal).TakeLast(NewestFiles)
            .Concat(Directory.EnumerateFiles(fileOrDirectory, "*" + OfBackup).Order(StringComparer.Ordinal).TakeLast(NewestFiles));
        return [.. files.SelectMany(ReadFile)];
    }

    /// <summary>The serial number that the next anchor of a place has.</summary>
    /// <param name="lines">The place's anchors. Only genuine ones count: others could hold any number.</param>
    /// <param name="key">The record's key; null where it does not open.</param>
    /// <param name="certificates">What is configured.</param>
    public static long NextSerial(IEnumerable<AnchorLine> lines, byte[]? key, KeyRingCertificates certificates) =>
        lines.Where(line => line.Anchor?.IsGenuine(key, certificates) == true).Select(line => line.Anchor!.Serial).DefaultIfEmpty(0).Max() + 1;

    /// <summary>Replaces the one anchor of a file in one step.</summary>
    public static void Replace(string file, RecordAnchor anchor)
    {
        var partial = $"{file}.{Guid.NewGuid():N}.partial";
        try
        {
            Write(partial, FileMode.CreateNew, anchor.ToJson() + "\n");
            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Appends an anchor to the file of its day.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="DirectoryNotFoundException">The directory is not there. It may be a mount that is away, and is not made.</exception>
    public static string Append(string directory, RecordAnchor anchor)
    {
        var file = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"activity-anchors-{anchor.At.UtcDateTime:yyyyMMdd}.jsonl"));
        // A line that was cut off by a power loss ends here and spoils no other one.
        var begin = File.Exists(file) && !EndsWithNewLine(file) ? "\n" : "";
        Write(file, FileMode.Append, begin + anchor.ToJson() + "\n");
        return file;
    }

    private static IEnumerable<AnchorLine> ReadFile(string file)
    {
        var number = 0;
        // Another process may append at this moment.
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length > 0) yield return new AnchorLine(string.Create(CultureInfo.InvariantCulture, $"{file}:{number}"), RecordAnchor.Read(line));
        }
    }

    private static bool EndsWithNewLine(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length == 0) return true;
        stream.Position = stream.Length - 1;
        return stream.ReadByte() == '\n';
    }

    // Readable by the owner alone, and on the disk before this returns.
    private static void Write(string file, FileMode mode, string text)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(file, options);
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }
}
