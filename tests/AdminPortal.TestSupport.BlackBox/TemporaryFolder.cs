namespace AdminPortal.TestSupport.BlackBox;

/// <summary>A temporary directory. Disposing deletes it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("portal-tests-").FullName;

    public void Dispose()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (IOException) when (tries < 10 && Directory.Exists(Path))
            {
                // A connection that is being closed made or removed one of SQLite's files at the same moment.
            }
        }
    }
}
