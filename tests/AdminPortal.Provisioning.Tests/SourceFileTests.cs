namespace AdminPortal.Provisioning.Tests;

/// <summary>What every source file keeps to.</summary>
public sealed class SourceFileTests
{
    private const int MaxLines = 400;

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void SourceFile_Length_IsAtMost400Lines(string folder)
    {
        var files = Repository.Files(folder, ".cs")
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}Migrations{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => (Name: Path.GetRelativePath(Repository.Root, file), Lines: File.ReadLines(file).Count()))
            .ToList();

        files.Count.ShouldBeGreaterThan(100);
        files.Where(file => file.Lines > MaxLines).Select(file => $"{file.Name} has {file.Lines} lines").ShouldBeEmpty();
    }
}
