namespace AdminPortal.Storage;

/// <summary>Opens files that only their owner can read. On Windows the rights of the directory apply.</summary>
internal static class OwnerOnlyFile
{
    public static FileStream Open(
        string path, FileMode mode, FileAccess access = FileAccess.Write, FileShare share = FileShare.None,
        FileOptions options = FileOptions.None)
    {
        var how = new FileStreamOptions { Mode = mode, Access = access, Share = share, Options = options };
        // A mode that never creates a file must not name rights for it.
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, how);
    }
}
