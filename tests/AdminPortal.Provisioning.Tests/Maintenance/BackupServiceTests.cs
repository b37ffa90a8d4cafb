using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Tests.Maintenance;

public sealed class BackupServiceTests
{
    [Fact]
    public async Task Write_WhileAnotherWrites_IsWholeAndOfOneMoment()
    {
        await using var portal = await TestPortal.StartAsync();
        using var folder = new TemporaryFolder();
        using (var connection = RawDatabase.Open(RawDatabase.FileOf(portal.DataDirectory)))
        {
            _ = connection.Run("CREATE TABLE Twin (Side TEXT PRIMARY KEY, Value INTEGER); INSERT INTO Twin VALUES ('left', 0), ('right', 0); CREATE TABLE Bulk (Data BLOB)");
        }

        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Both sides in one transaction: a copy in which they differ is of two moments.
        var writer = Task.Run(() =>
        {
            using var connection = RawDatabase.Open(RawDatabase.FileOf(portal.DataDirectory));
            while (!stop.IsCancellationRequested)
            {
                _ = connection.Run("BEGIN IMMEDIATE; UPDATE Twin SET Value = Value + 1 WHERE Side = 'left'; INSERT INTO Bulk VALUES (randomblob(20000)); UPDATE Twin SET Value = Value + 1 WHERE Side = 'right'; COMMIT");
                _ = begun.TrySetResult();
            }
        }, Token);
        await begun.Task;
        var backups = portal.Get<BackupService>();

        for (var copy = 0; copy < 5; copy++)
        {
            var file = Path.Combine(folder.Path, $"{copy}.db");
            (await backups.WriteAsync(file, overwrite: false, Token)).Problems.ShouldBeEmpty();

            RawDatabase.Run(file, "PRAGMA integrity_check").ShouldBe("ok");
            RawDatabase.Run(file, "SELECT COUNT(DISTINCT Value) FROM Twin").ShouldBe(1L);
            ((long)RawDatabase.Run(file, "SELECT MAX(Value) FROM Twin")!).ShouldBeGreaterThan(0);
            RawDatabase.Run(file, "PRAGMA journal_mode").ShouldBe("delete");
        }

        await stop.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task Write_Backup_IsCountedAndItsOwnersAlone()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = await portal.AddInstancesAsync(3);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "backup.db");

        var made = (await portal.Get<BackupService>().WriteAsync(file, overwrite: false, Token)).Value;

        (made.Instances, made.Accounts, made.Bytes).ShouldBe((3, 1, new FileInfo(file).Length));
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([file]);
    }

    [Fact]
    public async Task Write_FileIsThere_IsReplacedOnlyWhenToldTo()
    {
        await using var portal = await TestPortal.StartAsync();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "backup.db");
        await File.WriteAllTextAsync(file, "mine", Token);
        var backups = portal.Get<BackupService>();

        (await backups.WriteAsync(file, overwrite: false, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("--force");
        (await File.ReadAllTextAsync(file, Token)).ShouldBe("mine");
        (await backups.WriteAsync(file, overwrite: true, Token)).Succeeded.ShouldBeTrue();
        RawDatabase.Run(file, "PRAGMA integrity_check").ShouldBe("ok");
    }

    [Fact]
    public async Task Write_WrongPlaces_AreRefusedWithASentence()
    {
        await using var portal = await TestPortal.StartAsync();
        using var folder = new TemporaryFolder();
        var backups = portal.Get<BackupService>();

        (await backups.WriteAsync(RawDatabase.FileOf(portal.DataDirectory), overwrite: true, Token)).Problems.ShouldHaveSingleItem();
        (await backups.WriteAsync(folder.Path, overwrite: true, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("is a directory");
        (await backups.WriteAsync(Path.Combine(folder.Path, "none", "backup.db"), overwrite: true, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("is not there");
        RawDatabase.Release(portal.DataDirectory);
        File.Delete(RawDatabase.FileOf(portal.DataDirectory));
        (await backups.WriteAsync(Path.Combine(folder.Path, "backup.db"), overwrite: true, Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("There is no database");
        File.Exists(RawDatabase.FileOf(portal.DataDirectory)).ShouldBeFalse();
    }

    [Fact]
    public async Task Write_DamagedDatabase_KeepsNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        using var folder = new TemporaryFolder();
        RawDatabase.Release(portal.DataDirectory);
        using (var stream = new FileStream(RawDatabase.FileOf(portal.DataDirectory), FileMode.Open, FileAccess.Write))
        {
            stream.Position = 5 * 4096;
            stream.Write(new byte[8192]);
        }

        (await portal.Get<BackupService>().WriteAsync(Path.Combine(folder.Path, "backup.db"), overwrite: false, Token)).Succeeded.ShouldBeFalse();

        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Write_UnderARestore_Waits()
    {
        await using var portal = await TestPortal.StartAsync();
        using var folder = new TemporaryFolder();
        using var restore = PortalMark.Alone(portal.DataDirectory).ShouldNotBeNull();

        (await portal.Get<BackupService>().WriteAsync(Path.Combine(folder.Path, "backup.db"), overwrite: false, Token)).Problems
            .ShouldHaveSingleItem().Message.ShouldContain("restore is under way");
    }
}
