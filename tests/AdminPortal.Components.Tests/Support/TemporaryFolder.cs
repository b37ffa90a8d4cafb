namespace AdminPortal.Components.Tests.Support;

/// <summary>A directory that is gone with its owner.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("portal-tests-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
