using AdminPortal.Domain;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Tests.Maintenance;

public sealed class RestoreServiceTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestPortal _portal = null!;

    private string Backup => Path.Combine(_folder.Path, "backup.db");

    private string Database => RawDatabase.FileOf(_portal.DataDirectory);

    /// <summary>A portal whose backup has two instances, and which has three by now.</summary>
    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync();
        _ = await _portal.AddInstancesAsync(2);
        (await _portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        (await _portal.Get<BackupService>().WriteAsync(Backup, overwrite: false, Token)).Succeeded.ShouldBeTrue();
        _ = await _portal.SeedInstanceAsync(platformId: 5000);
        RawDatabase.Release(_portal.DataDirectory);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Restore_GoodBackup_TakesThePlaceAndKeepsTheFormerOne()
    {
        var asked = new List<DatabaseContents>();

        var restored = (await RestoreAsync(contents => asked.Add(contents))).Value;

        asked.ShouldHaveSingleItem().Instances.ShouldBe(2);
        restored.IsOlder.ShouldBeFalse();
        Count(Database).ShouldBe(2);
        Count(restored.Kept.ShouldNotBeNull()).ShouldBe(3);
        Path.GetFileName(restored.Kept).ShouldBe("portal.db.before-restore-20260301-120000");
        Directory.GetFiles(_portal.DataDirectory, "*restoring*").ShouldBeEmpty();
        // The portal starts with it, and its secrets open.
        await using var restarted = _portal.Another();
        (await restarted.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Restore_FormerDatabaseHasALog_KeepsItWithAllThatIsInIt()
    {
        // As a process that was killed leaves it: committed, and in the log alone.
        var (copy, log) = (Path.Combine(_folder.Path, "copy.db"), Path.Combine(_folder.Path, "copy.log"));
        using (var connection = RawDatabase.Open(Database))
        {
            _ = connection.Run("PRAGMA wal_autocheckpoint = 0; UPDATE Instances SET Name = 'In the log' WHERE PlatformId = 5000");
            File.Copy(Database, copy);
            File.Copy(Database + "-wal", log);
        }

        File.Copy(copy, Database, overwrite: true);
        File.Copy(log, Database + "-wal", overwrite: true);

        var restored = (await RestoreAsync()).Value;

        RawDatabase.Run(restored.Kept!, "SELECT Name FROM Instances WHERE PlatformId = 5000").ShouldBe("In the log");
        Count(Database).ShouldBe(2);
    }

    [Fact]
    public async Task Restore_PortalRuns_IsRefused()
    {
        using var mark = PortalMark.Share(_portal.DataDirectory);

        Refusal(await RestoreAsync()).ShouldContain("A portal runs");
    }

    [Fact]
    public async Task Restore_AnotherProgramHasItOpen_IsRefused()
    {
        using var other = RawDatabase.Open(Database);
        _ = other.Run("SELECT COUNT(*) FROM Instances");

        Refusal(await RestoreAsync()).ShouldContain("Something has the database open");
    }

    [Fact]
    public async Task Restore_NotAgreedTo_ChangesNothing()
    {
        await using var offline = Offline();

        Refusal(await offline.Get<RestoreService>().RestoreAsync(Backup, _ => Task.FromResult(false), Token)).ShouldBe("Nothing was changed.");
    }

    [Fact]
    public async Task Restore_NoBackup_IsRefused()
    {
        await File.WriteAllTextAsync(Backup, "This is a letter.", Token);
        Refusal(await RestoreAsync()).ShouldContain("is not a backup");

        File.Delete(Backup);
        Refusal(await RestoreAsync()).ShouldContain("There is no file");

        _ = RawDatabase.Run(Backup, "CREATE TABLE Other (Id INTEGER)");
        Refusal(await RestoreAsync()).ShouldContain("not one of AdminPortal's");
    }

    [Fact]
    public async Task Restore_DamagedBackup_IsRefused()
    {
        using (var stream = new FileStream(Backup, FileMode.Open, FileAccess.Write))
        {
            stream.Position = 5 * 4096;
            stream.Write(new byte[8192]);
        }

        Refusal(await RestoreAsync()).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Restore_OfANewerVersion_IsRefused()
    {
        _ = RawDatabase.Run(Backup, "INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Future', '99.0')");

        (await Should.ThrowAsync<SchemaRefusedException>(() => RestoreAsync())).Message.ShouldContain("29991231000000_Future");
        Count(Database).ShouldBe(3);
    }

    [Fact]
    public async Task Restore_DeclaredForNewerVersionsOnly_IsRefusedWithTheVersion()
    {
        _ = RawDatabase.Run(Backup, "UPDATE SchemaDeclaration SET Level = 9, OldestProgramLevel = 9, Program = '9.1.0', OldestProgram = '9.0.0'");

        (await Should.ThrowAsync<SchemaRefusedException>(() => RestoreAsync())).Message.ShouldContain("9.0.0 or newer");
        Count(Database).ShouldBe(3);
    }

    [Fact]
    public async Task Restore_OfTheVersionBefore_IsSaid()
    {
        _ = RawDatabase.Run(Backup, "DROP TABLE KeyRingCanary; DROP TABLE StorageMark; DELETE FROM __EFMigrationsHistory WHERE MigrationId LIKE '%KeyRingCanary'");

        (await RestoreAsync()).Value.IsOlder.ShouldBeTrue();
    }

    [Fact]
    public async Task Restore_WhoseKeyRingDoesNotOpen_IsRefused()
    {
        _ = RawDatabase.Run(Backup, "UPDATE KeyRing SET Xml = '<key/>'");

        Refusal(await RestoreAsync()).ShouldContain("key ring in the backup does not open");
    }

    [Fact]
    public async Task Restore_FormerDatabaseIsDamaged_IsKeptAsItIs()
    {
        await File.WriteAllTextAsync(Database, "no database any more", Token);

        var restored = (await RestoreAsync()).Value;

        Count(Database).ShouldBe(2);
        (await File.ReadAllTextAsync(restored.Kept!, Token)).ShouldBe("no database any more");
    }

    [Fact]
    public async Task Restore_IntoAnEmptyDirectory_NeedsNoFormerOne()
    {
        using var empty = new TemporaryFolder();
        await using var offline = Offline(empty.Path);

        var restored = (await offline.Get<RestoreService>().RestoreAsync(Backup, _ => Task.FromResult(true), Token)).Value;

        restored.Kept.ShouldBeNull();
        Count(RawDatabase.FileOf(empty.Path)).ShouldBe(2);
    }

    private static long Count(string file) => (long)RawDatabase.Run(file, "SELECT COUNT(*) FROM Instances")!;

    private TestPortal Offline(string? directory = null) => _portal.Another(
        services => services.AddMaintenance(), directory is null ? null : new Dictionary<string, string?> { ["Portal:DataDirectory"] = directory });

    private async Task<Result<Restored>> RestoreAsync(Action<DatabaseContents>? ask = null)
    {
        await using var offline = Offline();
        return await offline.Get<RestoreService>().RestoreAsync(Backup, contents =>
        {
            ask?.Invoke(contents);
            return Task.FromResult(true);
        }, Token);
    }

    private string Refusal(Result<Restored> result)
    {
        var sentence = result.Problems.ShouldHaveSingleItem().Message;
        Count(Database).ShouldBe(3);
        Directory.GetFiles(_portal.DataDirectory, "*.before-restore*").ShouldBeEmpty();
        Directory.GetFiles(_portal.DataDirectory, "*restoring*").ShouldBeEmpty();
        return sentence;
    }
}
