using System.Text.RegularExpressions;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>The key ring's certificate is another one, is changed, and is lost: starts and commands as they are run in production.</summary>
public sealed partial class CertificateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("admin-portal-certificates-");

    private string DataDirectory => Path.Combine(_folder.FullName, "data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Start_WithAnotherCertificate_SaysWhatToDoAndTakesNoTraffic()
    {
        var (right, wrong) = (TestCertificate.Write(_folder.FullName, "right"), TestCertificate.Write(_folder.FullName, "wrong"));
        await StartAsync(right);

        await using var second = Run(wrong, null);
        (await second.WaitForExitAsync()).ShouldBe(8);
        second.Output.ShouldContain("does not open with the configured certificate");
        second.Output.ShouldContain("Portal:KeyRing:CertificatePath");
        second.Output.ShouldNotContain("Now listening");
        second.Output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Commands_ForANewCertificateAndALostOne_LetThePortalStart()
    {
        var (first, second, third) = (TestCertificate.Write(_folder.FullName, "first"), TestCertificate.Write(_folder.FullName, "second"), TestCertificate.Write(_folder.FullName, "third"));
        await StartAsync(first);

        // Changed: both are needed once, and then the new one is enough.
        await RunAsync(0, "wrapped by the configured certificate now", second, first, "rewrap");
        await RunAsync(0, "wrapped by the configured certificate already", second, null, "rewrap");
        await StartAsync(second);

        // Lost: nothing is erased that somebody can still open, or that nobody has agreed to.
        await RunAsync(1, "The key ring opens with the configured certificate", second, null, "forget-secrets", "--yes");
        await RunAsync(1, "There is no terminal to ask at.", third, null, "forget-secrets");
        await RunAsync(0, "values were erased", third, null, "forget-secrets", "--yes");
        Directory.GetFiles(DataDirectory, "portal.db.before-forgetting-*").ShouldHaveSingleItem();
        await StartAsync(third);

        // A passphrase is asked for at a terminal alone, and never taken from a pipe.
        await RunAsync(1, "There is no terminal to ask for the passphrase at.", third, null, "backup", Path.Combine(_folder.FullName, "kept.db"), "--passphrase");
    }

    private async Task StartAsync(string certificate)
    {
        await using var portal = Run(certificate, null);
        await portal.WaitForAsync(Started());
        await portal.StopAsync();
    }

    private async Task RunAsync(int exitCode, string says, string certificate, string? previous, params string[] arguments)
    {
        await using var command = Run(certificate, previous, arguments);
        (await command.WaitForExitAsync()).ShouldBe(exitCode, command.Output);
        command.Output.ShouldContain(says);
    }

    private ServerProcess Run(string certificate, string? previous, params string[] arguments)
    {
        Dictionary<string, string> settings = new()
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{ServerProcess.FreePort()}",
            ["Portal__PublicBaseUrl"] = "https://portal.example.com",
            ["Portal__DataDirectory"] = DataDirectory,
            ["Portal__KeyRing__CertificatePath"] = certificate,
            ["Portal__KeyRing__CertificatePassword"] = TestCertificate.Password,
        };
        if (previous is not null) (settings["Portal__KeyRing__PreviousCertificatePath"], settings["Portal__KeyRing__PreviousCertificatePassword"]) = (previous, TestCertificate.Password);
        return ServerProcess.Start(Programs.Built("AdminPortal"), arguments, settings);
    }

    [GeneratedRegex("Application started")]
    private static partial Regex Started();
}
