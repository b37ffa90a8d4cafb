using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Tests.Storage;

/// <summary>The one directory for temporary files. A killed process leaves its files and no lock.</summary>
public sealed class TemporaryFilesTests : IDisposable
{
    // Memory on Linux, and so another volume than the folder of the tests.
    private const string OtherVolume = "/dev/shm";

    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _other = new();

    private string Root => Path.Combine(_data.Path, TemporaryFiles.DirectoryName);

    public void Dispose()
    {
        _data.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void CleanUp_FilesOfAKilledProcess_AreRemoved()
    {
        _ = Killed();

        TemporaryFiles.FindLeftovers(_data.Path).ShouldHaveSingleItem().ShouldEndWith("copy.db");
        TemporaryFiles.CleanUp(_data.Path).ShouldBe(1);

        Directory.GetFileSystemEntries(Root).ShouldBeEmpty();
        TemporaryFiles.FindLeftovers(_data.Path).ShouldBeEmpty();
    }

    [Fact]
    public void CleanUp_FilesInUse_AreLeftAlone()
    {
        using var used = TemporaryFiles.Open(_data.Path);
        File.WriteAllText(used.PathOf("copy.db"), "clear");
        _ = Killed();

        TemporaryFiles.FindLeftovers(_data.Path).ShouldHaveSingleItem();
        TemporaryFiles.CleanUp(_data.Path).ShouldBe(1);

        File.Exists(used.PathOf("copy.db")).ShouldBeTrue();
    }

    [Fact]
    public void Open_Directories_AreTheirOwnersAlone()
    {
        using var files = TemporaryFiles.Open(_data.Path);

        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.GetUnixFileMode(Root).ShouldBe(owner);
        File.GetUnixFileMode(files.Directory).ShouldBe(owner);
    }

    [Fact]
    public void Dispose_WithFiles_LeavesNothing()
    {
        using (var files = TemporaryFiles.Open(_data.Path)) File.WriteAllText(files.PathOf("copy.db"), "clear");

        Directory.GetFileSystemEntries(Root).ShouldBeEmpty();
    }

    [Fact]
    public void PlaceFor_SameVolume_IsInTheDirectory()
    {
        using var files = TemporaryFiles.Open(_data.Path);
        var target = Path.Combine(_other.Path, "backup.db");

        var place = files.PlaceFor(target);

        Path.GetDirectoryName(place).ShouldBe(files.Directory);
        Directory.GetFileSystemEntries(_other.Path).ShouldBeEmpty();
        File.WriteAllText(place, "done");
        TemporaryFiles.Publish(place, target, overwrite: false);
        File.ReadAllText(target).ShouldBe("done");
    }

    [Fact]
    public void PlaceFor_OtherVolume_IsRemovedFromThereAfterAKill()
    {
        Assert.SkipUnless(Directory.Exists(OtherVolume), "There is no second volume.");
        var target = Path.Combine(OtherVolume, $"admin-portal-{Guid.NewGuid():N}.db");
        string place;
        using (var killed = TemporaryFiles.Open(_data.Path))
        {
            place = killed.PlaceFor(target);
            Path.GetDirectoryName(place).ShouldBe(OtherVolume);
            File.WriteAllText(place, "half");
            CopyAside(killed.Directory);
        }

        File.WriteAllText(place, "half");
        BringBack();

        TemporaryFiles.FindLeftovers(_data.Path).ShouldContain(place);
        _ = TemporaryFiles.CleanUp(_data.Path);

        File.Exists(place).ShouldBeFalse();
    }

    [Fact]
    public void CleanUp_LeftoversOfTheFirstRelease_AreRemovedWhenTheyAreOld()
    {
        var (old, young) = (Path.Combine(_data.Path, "backup-in-the-clear.a"), Path.Combine(_data.Path, "backup-in-the-clear.b"));
        File.WriteAllText(old, "");
        File.WriteAllText(young, "");
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-7));

        Leftovers.Find(_data.Path).Count.ShouldBe(2);
        Leftovers.CleanUp(_data.Path).ShouldBe(1);

        Directory.GetFiles(_data.Path).ShouldBe([young]);
    }

    [Fact]
    public void CleanUp_OneCannotBeRemoved_RemovesTheOthersAndTellsItsPath()
    {
        var stuck = Killed() + ".lock";
        File.Delete(stuck);
        // Opening it fails with an error that is not that of a lock.
        _ = File.CreateSymbolicLink(stuck, stuck);
        var removed = Killed();
        List<string> failed = [];

        TemporaryFiles.CleanUp(_data.Path, (path, _) => failed.Add(path)).ShouldBe(1);

        failed.ShouldBe([stuck]);
        Directory.Exists(removed).ShouldBeFalse();
    }

    [Fact]
    public void FindLeftovers_ALockThatCannotBeRead_IsListed()
    {
        var directory = Killed();
        File.Delete(directory + ".lock");
        // Opening a directory is not allowed, as opening another user's file.
        _ = Directory.CreateDirectory(directory + ".lock");

        TemporaryFiles.FindLeftovers(_data.Path).ShouldContain(Path.Combine(directory, "copy.db"));
    }

    [Fact]
    public void CleanUp_OtherVolume_RemovesTheFilesOfSqliteToo()
    {
        var directory = Killed();
        var place = Path.Combine(_other.Path, $"backup.db.{Guid.NewGuid():N}.partial");
        string[] companions = [place, place + "-journal", place + "-wal", place + "-shm"];
        foreach (var file in companions) File.WriteAllText(file, "half");
        File.WriteAllText(Path.Combine(directory, "elsewhere.txt"), place + "\n");

        foreach (var file in companions) TemporaryFiles.FindLeftovers(_data.Path).ShouldContain(file);
        _ = TemporaryFiles.CleanUp(_data.Path);

        Directory.GetFileSystemEntries(_other.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Find_UnfinishedFilesBesideTheirPlace_AreListedUnlessTheyAreInUse()
    {
        var unfinished = TemporaryFiles.UnfinishedBeside(Path.Combine(_other.Path, "portal.db"));
        var journal = unfinished + "-journal";
        var inData = TemporaryFiles.UnfinishedBeside(Path.Combine(_data.Path, "copy.db"));
        var used = TemporaryFiles.UnfinishedBeside(Path.Combine(_other.Path, "used.db"));
        foreach (var file in (string[])[unfinished, journal, inData, used]) File.WriteAllText(file, "half");
        using var work = TemporaryFiles.Open(_data.Path);
        File.WriteAllText(work.PathOf("elsewhere.txt"), used + "\n");

        Leftovers.Find(_data.Path, _other.Path).Order().ShouldBe(new[] { unfinished, journal, inData }.Order());
    }

    [Fact]
    public void CleanUp_UnfinishedLinesOfTheRecord_AreRemovedWhenTheyAreOld()
    {
        var old = Path.Combine(_other.Path, "activity-1-9.jsonl.a.partial");
        var young = Path.Combine(_other.Path, "activity-1-9.jsonl.b.partial");
        File.WriteAllText(old, "");
        File.WriteAllText(young, "");
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-7));

        Leftovers.CleanUp(_data.Path, _other.Path).ShouldBe(1);

        Directory.GetFiles(_other.Path).ShouldBe([young]);
    }

    // What a killed process leaves: its directory, and nobody who holds the lock.
    private string Killed()
    {
        var directory = Path.Combine(Root, Guid.NewGuid().ToString("N"));
        _ = Directory.CreateDirectory(directory);
        File.WriteAllText(directory + ".lock", "");
        File.WriteAllText(Path.Combine(directory, "copy.db"), "clear");
        return directory;
    }

    private void CopyAside(string directory)
    {
        foreach (var file in Directory.GetFiles(directory)) File.Copy(file, Path.Combine(_other.Path, Path.GetFileName(file)));
    }

    private void BringBack()
    {
        var directory = Killed();
        foreach (var file in Directory.GetFiles(_other.Path)) File.Move(file, Path.Combine(directory, Path.GetFileName(file)));
    }
}
