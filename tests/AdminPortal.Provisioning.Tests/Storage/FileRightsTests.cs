using AdminPortal.Domain.Settings;
using AdminPortal.Storage;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Tests.Storage;

public sealed class FileRightsTests : IDisposable
{
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Enter = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly TemporaryFolder _folder = new();

    private string Directory => Path.Combine(_folder.Path, "data");

    private string Database => Path.Combine(Directory, PortalDatabase.FileName);

    public FileRightsTests()
    {
        // As under /var/lib, where everybody may pass through.
        SetMode(_folder.Path, OwnersAlone | Enter);
        System.IO.Directory.CreateDirectory(Directory);
        SetMode(Directory, OwnersAlone);
        File.WriteAllText(Database, "");
        SetMode(Database, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Check_TheOwnersAlone_SaysNothing() => ShouldSayNothing(Check());

    [Fact]
    public void Check_EverybodyMayRead_RefusesAndNamesSettingAndCommand()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has access lists: see FileRights.");
        SetMode(Directory, OwnersAlone | Enter | UnixFileMode.OtherRead | UnixFileMode.GroupRead);
        SetMode(Database, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var (refusals, _) = Check();

        refusals.Count.ShouldBe(2);
        refusals[0].ShouldContain("Portal:DataDirectory");
        refusals[0].ShouldContain($"chmod 700 {Directory}");
        refusals[1].ShouldContain($"chmod 600 {Database}");
        ShouldSayNothing(Check(environment: "Development"));
        ShouldSayNothing(Check(options => options.AllowReadableByOthers = true));
    }

    [Fact]
    public void Check_TheGroupMayRead_Warns()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has access lists: see FileRights.");
        SetMode(Directory, OwnersAlone | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);

        var (refusals, warnings) = Check();

        refusals.ShouldBeEmpty();
        warnings.ShouldHaveSingleItem().ShouldContain($"chmod 700 {Directory}");
    }

    [Fact]
    public void Check_ReadableBelowADirectoryThatNobodyMayEnter_IsOutOfReach()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has access lists: see FileRights.");
        SetMode(_folder.Path, OwnersAlone);
        SetMode(Directory, OwnersAlone | Enter | UnixFileMode.OtherRead | UnixFileMode.GroupRead);

        ShouldSayNothing(Check());
    }

    [Fact]
    public void Check_TheCertificateIsReadByEverybody_IsRefused()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has access lists: see FileRights.");
        var certificate = TestCertificate.Write(_folder.Path, "certificate");
        SetMode(certificate, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Check(options => options.KeyRing.CertificatePath = certificate).Refusals.ShouldHaveSingleItem().ShouldContain("Portal:KeyRing:CertificatePath");
    }

    private (IReadOnlyList<string> Refusals, IReadOnlyList<string> Warnings) Check(Action<PortalOptions>? change = null, string environment = "Production")
    {
        var options = new PortalOptions { DataDirectory = Directory };
        change?.Invoke(options);
        return new FileRights(Options.Create(options), new TestEnvironment(environment)).Check();
    }

    private static void ShouldSayNothing((IReadOnlyList<string> Refusals, IReadOnlyList<string> Warnings) said)
    {
        said.Refusals.ShouldBeEmpty();
        said.Warnings.ShouldBeEmpty();
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, mode);
    }
}
