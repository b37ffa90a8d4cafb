using System.IO.Compression;
using System.Text.Json;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Tests.Upgrade;

/// <summary>A copy of the committed database of the first release. See Fixtures/FirstRelease/README.md.</summary>
internal sealed class FirstRelease : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FirstRelease()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Fixtures", "FirstRelease");
        Manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(source, "manifest.json"))).RootElement;
        using var packed = new GZipStream(File.OpenRead(Path.Combine(source, "portal.sqlite.gz")), CompressionMode.Decompress);
        using var database = File.Create(RawDatabase.FileOf(_folder.Path));
        packed.CopyTo(database);
        Certificate = Path.Combine(source, "certificate.pfx");
    }

    public string DataDirectory => _folder.Path;

    public string Certificate { get; }

    /// <summary>What the database contains, in clear text.</summary>
    public JsonElement Manifest { get; }

    public Dictionary<string, string?> Settings => new(TestCertificate.Settings(Certificate))
    {
        ["Portal:KeyRing:AllowUnwrappedKeys"] = "false",
        ["Portal:Reveal:NeedsSecondPerson"] = "true",
    };

    public Guid Id(string group, string name) => Manifest.GetProperty(group).GetProperty(name).GetGuid();

    /// <summary>A portal on the database, shortly after it was written. Nothing is upgraded yet.</summary>
    public TestPortal Open()
    {
        var clock = new TestClock();
        clock.Advance(Manifest.GetProperty("At").GetDateTimeOffset() + TimeSpan.FromSeconds(10) - clock.GetUtcNow());
        return TestPortal.On(DataDirectory, clock, Settings, services => services.AddPeople(SignedInPeople.Configure));
    }

    /// <summary>The steps of a start, in the order of the host.</summary>
    public static async Task UpgradeAsync(TestPortal portal)
    {
        await PortalDatabase.PrepareAsync(portal.Get<IDbContextFactory<PortalDb>>(), portal.DataDirectory, Token);
        (await portal.Get<KeyRingGuard>().CheckAsync(Token)).ShouldBeNull();
        await portal.Get<ActivityKeeper>().PrepareAsync(Token);
        await portal.Get<SecretResealing>().RunAsync(Token);
    }

    public void Dispose()
    {
        RawDatabase.Release(DataDirectory);
        _folder.Dispose();
    }
}
