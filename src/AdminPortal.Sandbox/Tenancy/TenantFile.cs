using System.Text.Json;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>Keeps the tenant in a JSON file, when one is configured.</summary>
internal sealed class TenantFile(SandboxOptions options, SandboxClock clock, ILogger<TenantFile> log)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string? _path = options.StateFile is null ? null : Path.GetFullPath(options.StateFile);

    /// <summary>Whether there is a file at all. Without one nobody needs to put a snapshot together.</summary>
    public bool IsKept => _path is not null;

    /// <summary>The tenant of the last run; null when there is none, or none that can be read.</summary>
    public TenantSnapshot? Load()
    {
        if (_path is null || !File.Exists(_path))
            return null;
        try
        {
            using var stream = File.OpenRead(_path);
            var snapshot = JsonSerializer.Deserialize<TenantSnapshot>(stream, Format);
            if (snapshot is { Version: 1, Instances: not null, Codes: not null, Drawn: not null })
                return snapshot;
        }
        catch (JsonException)
        {
            // Falls through: the file is set aside below.
        }

        // Kept for whoever wants to know what happened; an empty sandbox is of more use than one that does not start.
        var aside = $"{_path}.damaged-{clock.GetUtcNow():yyyyMMdd'T'HHmmss}";
        File.Move(_path, aside, overwrite: true);
        TenantLog.StateFileDamaged(log, _path, aside);
        return null;
    }

    public void Save(TenantSnapshot snapshot)
    {
        if (_path is null)
            return;

        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var temporary = $"{_path}.{Environment.ProcessId}.tmp";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(temporary, create))
            JsonSerializer.Serialize(stream, snapshot, Format);

        File.Move(temporary, _path, overwrite: true);
    }
}
