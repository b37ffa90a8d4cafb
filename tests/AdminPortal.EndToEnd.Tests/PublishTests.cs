using System.Net;
using System.Text.RegularExpressions;
using AdminPortal.EndToEnd.Tests.Infrastructure;
using Shouldly;

namespace AdminPortal.EndToEnd.Tests;

/// <summary>What <c>dotnet run</c> and <c>dotnet publish -c Release</c> serve.</summary>
[Trait(Suite.Name, Suite.All)]
public sealed partial class PublishTests
{
    private static readonly (string Path, string Type, int MinLength)[] Assets =
    [
        ("/_framework/blazor.web.js", "text/javascript", 100_000),
        ("/js/portal.js", "text/javascript", 1_000),
        ("/css/portal.css", "text/css", 5_000),
        ("/icons/icons.svg", "image/svg+xml", 2_000),
        ("/_content/Radzen.Blazor/css/material-base.css", "text/css", 500_000),
        ("/_content/Radzen.Blazor/css/material-dark-base.css", "text/css", 500_000),
        ("/_content/Radzen.Blazor/Radzen.Blazor.min.js", "text/javascript", 100_000),
    ];

    [Fact]
    public async Task Assets_FromTheBuildOutput_AreServedWithTypeAndLength()
    {
        await using var sandbox = await Sandbox.StartAsync();
        await using var portal = await Portal.StartAsync(sandbox, program: Programs.Built("AdminPortal"));
        await CheckAssetsAsync(portal.Address);
    }

    [Fact]
    public async Task Publish_Release_StartsInProductionAndContainsNothingOfTheSandbox()
    {
        var folder = Directory.CreateTempSubdirectory("admin-portal-publish-");
        try
        {
            var app = await Programs.PublishedAsync();
            Directory.EnumerateFileSystemEntries(app, "*Sandbox*", SearchOption.AllDirectories).ShouldBeEmpty();
            (await File.ReadAllTextAsync(Path.Combine(app, "AdminPortal.deps.json"))).ShouldNotContain("Sandbox");

            var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
            await using var portal = ServerProcess.Start(Path.Combine(app, "AdminPortal.dll"), [], new Dictionary<string, string>
            {
                ["ASPNETCORE_URLS"] = address.AbsoluteUri,
                ["Portal__PublicBaseUrl"] = "https://portal.example.com",
                ["Portal__DataDirectory"] = Path.Combine(folder.FullName, "data"),
                ["Portal__KeyRing__AllowUnwrappedKeys"] = "true",
                ["Portal__OfferedAccounts__0__Name"] = "Production",
                ["Portal__OfferedAccounts__0__BaseUrl"] = "https://api.cloud-elements.com",
                ["Portal__OfferedAccounts__0__OrganizationSecret"] = "organization",
                ["Portal__OfferedAccounts__0__UserSecret"] = "user",
            });
            await portal.WaitForAsync(Started());
            (await portal.WaitForAsync(SetupLink())).Value.ShouldStartWith("https://portal.example.com/setup?code=");
            await CheckAssetsAsync(address);

            using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };
            (await http.GetStringAsync("/health")).ShouldBe("Healthy");
            var page = await http.GetAsync("/instances");
            page.StatusCode.ShouldBe(HttpStatusCode.Redirect);
            page.Headers.Location!.OriginalString.ShouldContain("/sign-in");
            (await http.GetStringAsync("/sign-in")).ShouldContain("Sign in");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("Portal__PublicBaseUrl", "", "Portal:PublicBaseUrl")]
    [InlineData("Portal__PublicBaseUrl", "http://portal.example.com", "Portal:PublicBaseUrl")]
    [InlineData("Portal__DataDirectory", "relative", "Portal:DataDirectory")]
    [InlineData("Portal__KeyRing__AllowUnwrappedKeys", "false", "Portal:KeyRing:CertificatePath")]
    public async Task Start_WithAWrongSetting_NamesTheKeyAndEnds(string name, string value, string key)
    {
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{ServerProcess.FreePort()}",
            ["Portal__PublicBaseUrl"] = "https://portal.example.com",
            ["Portal__DataDirectory"] = Path.Combine(Path.GetTempPath(), "admin-portal-never"),
            ["Portal__KeyRing__AllowUnwrappedKeys"] = "true",
            [name] = value,
        };
        await using var portal = ServerProcess.Start(Programs.Built("AdminPortal"), [], settings);

        (await portal.WaitForExitAsync()).ShouldBe(3);

        portal.Output.ShouldContain(key);
        portal.Output.ShouldNotContain("   at ");
    }

    private static async Task CheckAssetsAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        foreach (var (path, type, minLength) in Assets)
        {
            using var answer = await http.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe(type, path);
            if (type.StartsWith("text/", StringComparison.Ordinal)) answer.Content.Headers.ContentType.CharSet.ShouldBe("utf-8", path);
            (await answer.Content.ReadAsByteArrayAsync()).Length.ShouldBeGreaterThan(minLength, path);
        }
    }

    [GeneratedRegex("Application started")]
    private static partial Regex Started();

    [GeneratedRegex(@"https://\S+/setup\?code=\S+")]
    private static partial Regex SetupLink();
}
