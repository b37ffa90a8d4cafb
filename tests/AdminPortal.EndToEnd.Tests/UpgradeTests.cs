using System.IO.Compression;
using System.Text.RegularExpressions;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>The program of this version on the database of the first release, with the certificate of that time.</summary>
public sealed partial class UpgradeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("admin-portal-upgrade-");

    private static string Fixture => Path.Combine(Repository.Root, "tests", "AdminPortal.Provisioning.Tests", "Fixtures", "FirstRelease");

    private string DataDirectory => Path.Combine(_folder.FullName, "data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Start_DatabaseOfTheFirstRelease_IsUpgradedAndDoctorFindsNothingWrongWithIt()
    {
        Directory.CreateDirectory(DataDirectory);
        await using (var packed = new GZipStream(File.OpenRead(Path.Combine(Fixture, "portal.sqlite.gz")), CompressionMode.Decompress))
        await using (var database = File.Create(Path.Combine(DataDirectory, "portal.db")))
        {
            await packed.CopyToAsync(database);
        }

        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        await using (var portal = Run(address))
        {
            await portal.WaitForAsync(Started());
            using var http = new HttpClient { BaseAddress = address };
            (await http.GetStringAsync("/health")).ShouldBe("Healthy");
            portal.Output.ShouldNotContain("setup?code=", Case.Sensitive, "There is an administrator.");
            await portal.StopAsync();
        }

        await using var doctor = Run(address, "doctor", "--offline");
        _ = await doctor.WaitForExitAsync();
        doctor.Output.ShouldMatch("(?m)^ok +activity record:");
        doctor.Output.ShouldMatch("(?m)^ok +secrets:");
        doctor.Output.ShouldMatch("(?m)^ok +database:");
    }

    // Nothing leaves this machine: the addresses of the fixture's platforms are real ones.
    private ServerProcess Run(Uri address, params string[] arguments) => ServerProcess.Start(Programs.Built("AdminPortal"), arguments, new Dictionary<string, string>
    {
        ["ASPNETCORE_URLS"] = address.AbsoluteUri,
        ["HTTPS_PROXY"] = $"http://127.0.0.1:{ServerProcess.FreePort()}",
        ["Portal__PublicBaseUrl"] = "https://portal.example.com",
        ["Portal__DataDirectory"] = DataDirectory,
        ["Portal__KeyRing__CertificatePath"] = Path.Combine(Fixture, "certificate.pfx"),
        ["Portal__KeyRing__CertificatePassword"] = "pfx-password",
        // The fixture is a file of the repository.
        ["Portal__AllowReadableByOthers"] = "true",
    });

    [GeneratedRegex("Application started")]
    private static partial Regex Started();
}
