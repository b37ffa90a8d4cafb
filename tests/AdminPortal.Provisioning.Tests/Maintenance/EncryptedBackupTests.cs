using System.Security.Cryptography;
using System.Text;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Maintenance;

public sealed class EncryptedBackupTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";
    private const int Header = 8 + 1 + 4 + 4 + 32 + 7 + 16;
    private const int Chunk = (64 * 1024) + 16;

    private readonly TemporaryFolder _folder = new();

    private string Sealed => At("backup.db.enc");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(3 * 64 * 1024)]
    [InlineData(200_000)]
    public void Decrypt_WithThePassphrase_IsWhatItWas(int length)
    {
        var bytes = Encrypt(length);

        Open().ShouldBeNull();

        File.ReadAllBytes(At("opened")).ShouldBe(bytes);
        new FileInfo(Sealed).Length.ShouldBe(Header + length + (Math.Max(1, (length + 65535) / 65536) * 16));
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(At("opened")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void Decrypt_AnotherPassphrase_SaysSo()
    {
        _ = Encrypt(1000);

        Open("correct horse battery stable").ShouldNotBeNull().ShouldContain("passphrase is not the one");
        EncryptedBackup.Check(Sealed, "correct horse battery stable").ShouldNotBeNull();
        EncryptedBackup.Check(Sealed, Passphrase).ShouldBeNull();
        File.Exists(At("opened")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)] // what it is
    [InlineData(8)] // version
    [InlineData(9)] // iterations: more than anybody waits for
    [InlineData(12)] // iterations: other ones
    [InlineData(14)] // size of chunks
    [InlineData(20)] // salt
    [InlineData(50)] // nonces
    [InlineData(60)] // what tells a wrong passphrase
    [InlineData(Header + 5)] // the first chunk
    [InlineData(Header + Chunk - 3)] // its tag
    [InlineData(Header + Chunk + 100)] // the second one
    [InlineData(-1)] // the last tag
    public void Decrypt_OneBitIsFlipped_IsRefused(int at)
    {
        _ = Encrypt(100_000);
        var bytes = File.ReadAllBytes(Sealed);
        bytes[at < 0 ? bytes.Length + at : at] ^= 0x40;
        File.WriteAllBytes(Sealed, bytes);

        Open().ShouldNotBeNull();
    }

    [Fact]
    public void Decrypt_CutOffMovedOrLengthened_IsRefused()
    {
        _ = Encrypt(4 * 64 * 1024);
        var whole = File.ReadAllBytes(Sealed);
        byte[] Part(int chunk) => whole[(Header + (chunk * Chunk))..(Header + ((chunk + 1) * Chunk))];
        byte[] head = whole[..Header];

        // At a chunk's end, within one, all of them; without one in the middle; two exchanged; one twice; something behind.
        foreach (var bytes in new[]
        {
            whole[..(Header + (3 * Chunk))], whole[..^10], head, whole[..20], [.. head, .. Part(0), .. Part(2), .. Part(3)], [.. head, .. Part(1), .. Part(0), .. Part(2), .. Part(3)],
            [.. head, .. Part(0), .. Part(0), .. Part(1), .. Part(2), .. Part(3)], [.. whole, 1], [.. whole, .. Part(3)],
        })
        {
            File.WriteAllBytes(Sealed, bytes);
            Open().ShouldNotBeNull();
            File.Delete(At("opened"));
        }
    }

    [Fact]
    public async Task Backup_WithAPassphrase_HoldsNothingInTheClearAndIsRestored()
    {
        await using var portal = await TestPortal.StartAsync(services => services.AddSingleton<RestoreService>());
        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        _ = await portal.SeedInstanceAsync(change: row => row.Name = "Planted-name-of-an-instance");

        var made = (await portal.Get<BackupService>().WriteAsync(Sealed, overwrite: false, Token, Passphrase)).Value;

        made.Instances.ShouldBe(1);
        Directory.GetFileSystemEntries(Path.Combine(portal.DataDirectory, "tmp")).ShouldBeEmpty();
        Directory.GetFiles(_folder.Path).ShouldHaveSingleItem();
        var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Sealed, Token));
        text.ShouldNotContain("Planted-name");
        text.ShouldNotContain("SQLite format");

        _ = await portal.SeedInstanceAsync(platformId: 9000);
        RawDatabase.Release(portal.DataDirectory);
        var restore = portal.Get<RestoreService>();
        (await restore.RestoreAsync(Sealed, _ => Task.FromResult(true), Token)).Problems.ShouldHaveSingleItem().Message.ShouldContain("--passphrase");
        (await restore.RestoreAsync(Sealed, _ => Task.FromResult(true), Token, () => Task.FromResult<string?>("not this one at all"))).Problems.ShouldHaveSingleItem().Message.ShouldContain("not the one");
        RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), "SELECT COUNT(*) FROM Instances").ShouldBe(2L);
        RawDatabase.Release(portal.DataDirectory);

        (await restore.RestoreAsync(Sealed, _ => Task.FromResult(true), Token, () => Task.FromResult<string?>(Passphrase))).Succeeded.ShouldBeTrue();

        RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), "SELECT COUNT(*) FROM Instances").ShouldBe(1L);
        Directory.GetFiles(portal.DataDirectory, "*restoring*").ShouldBeEmpty();
    }

    [Fact]
    public async Task Backup_Fails_LeavesNoCopyInTheClear()
    {
        await using var portal = await TestPortal.StartAsync();
        _ = RawDatabase.Run(RawDatabase.FileOf(portal.DataDirectory), "PRAGMA user_version");
        RawDatabase.Release(portal.DataDirectory);
        var file = RawDatabase.FileOf(portal.DataDirectory);
        var bytes = await File.ReadAllBytesAsync(file, Token);
        bytes.AsSpan(4096, 4096).Fill(0x5A);
        await File.WriteAllBytesAsync(file, bytes, Token);

        (await portal.Get<BackupService>().WriteAsync(Sealed, overwrite: false, Token, Passphrase)).Succeeded.ShouldBeFalse();

        Directory.GetFileSystemEntries(Path.Combine(portal.DataDirectory, "tmp")).ShouldBeEmpty();
        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nightly_WithAPassphrase_IsEncryptedAndRemovedInTime()
    {
        var file = At("passphrase");
        await File.WriteAllTextAsync(file, Passphrase + "\n", Token);
        var directory = Path.Combine(_folder.Path, "backups");
        await using var portal = await TestPortal.StartAsync(settings: new Dictionary<string, string?>
        {
            ["Portal:Backup:Directory"] = directory,
            ["Portal:Backup:PassphraseFile"] = file,
            ["Portal:Backup:KeepDays"] = "1",
        });

        _ = await portal.Get<NightlyBackups>().RunAsync(Token);
        Directory.GetFiles(directory, "*.db*").Select(Path.GetFileName).ShouldHaveSingleItem().ShouldBe("portal-20260301-023000.db.enc");
        EncryptedBackup.Check(Path.Combine(directory, "portal-20260301-023000.db.enc"), Passphrase).ShouldBeNull();
        portal.Clock.Advance(TimeSpan.FromDays(2));
        _ = await portal.Get<NightlyBackups>().RunAsync(Token);

        Directory.GetFiles(directory, "*.db*").Select(Path.GetFileName).ShouldHaveSingleItem().ShouldBe("portal-20260303-023000.db.enc");
    }

    private byte[] Encrypt(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        File.WriteAllBytes(At("plain"), bytes);
        using var plain = File.OpenRead(At("plain"));
        EncryptedBackup.Encrypt(plain, Sealed, Passphrase);
        return bytes;
    }

    private string? Open(string passphrase = Passphrase) => EncryptedBackup.Decrypt(Sealed, At("opened"), passphrase);

    private string At(string name) => Path.Combine(_folder.Path, name);
}
