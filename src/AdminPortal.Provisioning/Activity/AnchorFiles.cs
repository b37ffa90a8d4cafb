using System.Globalization;
using AdminPortal.Provisioning.Storage;

namespace AdminPortal.Provisioning.Activity;

/// <summary>A line of an anchor file.</summary>
/// <param name="Place">The file and the line, for messages.</param>
/// <param name="Anchor">The anchor; null where the line is damaged.</param>
internal sealed record AnchorLine(string Place, RecordAnchor? Anchor);

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
    public static long NextSerial(IEnumerable<AnchorLine> lines) =>
        lines.Select(line => line.Anchor?.Serial ?? 0).DefaultIfEmpty(0).Max() is var last && last < long.MaxValue ? last + 1 : last;

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

    /// <summary>Appends an anchor to the file of its day. The directory is made where it is missing.</summary>
    /// <returns>The file.</returns>
    public static string Append(string directory, RecordAnchor anchor)
    {
        PortalDatabase.MakeDirectory(directory);
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
