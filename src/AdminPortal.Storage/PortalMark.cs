namespace AdminPortal.Storage;

/// <summary>
/// Shows that a portal works with a data directory. Portals share it; a restore that replaces the database holds it exclusively. It is a
/// lock of the operating system on an empty file, so it ends with its process, even if that is killed.
/// </summary>
public sealed class PortalMark : IDisposable
{
    /// <summary>The name of the locked file within the data directory.</summary>
    internal const string FileName = "portal.lock";

    private readonly FileStream _file;

    private PortalMark(FileStream file) => _file = file;

    /// <summary>Holds the mark together with other portals.</summary>
    /// <returns>Null while somebody holds it alone.</returns>
    public static PortalMark? Share(string dataDirectory) => Open(dataDirectory, FileShare.ReadWrite);

    /// <summary>Holds the mark alone.</summary>
    /// <returns>Null while anybody else holds it.</returns>
    public static PortalMark? Alone(string dataDirectory) => Open(dataDirectory, FileShare.None);

    public void Dispose() => _file.Dispose();

    // Outside Windows, FileShare.None is an exclusive flock, and everything else a shared one.
    private static PortalMark? Open(string dataDirectory, FileShare share)
    {
        try
        {
            var file = Path.Combine(dataDirectory, FileName);
            return new PortalMark(OwnerOnlyFile.Open(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, share));
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            return null;
        }
    }

    // EAGAIN of Linux, EWOULDBLOCK of macOS, ERROR_SHARING_VIOLATION of Windows.
    internal static bool IsHeld(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}
