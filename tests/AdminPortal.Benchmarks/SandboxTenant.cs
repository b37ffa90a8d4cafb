using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using AdminPortal.Provisioning.Accounts;

namespace AdminPortal.Benchmarks;

/// <summary>The sandbox as a process of its own, with so many instances.</summary>
internal sealed class SandboxTenant : IDisposable
{
    // Toy values: the sandbox's own defaults, which it prints on its page.
    private const string OrganizationSecret = "d2d8ae823c456ae6d9663fe82b8ec042";
    private const string UserSecret = "9um2LjVeS266XuVth+xU9j5DyJv/NbOPn+3JiAKcGys=";

    private readonly Process _process;

    private SandboxTenant(Process process, Uri address)
    {
        _process = process;
        Address = address;
        Http = new HttpClient { BaseAddress = new Uri(address, "/elements/api-v2/") };
        Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"User {UserSecret}, Organization {OrganizationSecret}");
        Http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    public Uri Address { get; }

    /// <summary>Calls the platform's API with the tenant's secrets.</summary>
    public HttpClient Http { get; }

    public AccountInput Account => new()
    {
        Name = "Sandbox",
        BaseUrl = Address.GetLeftPart(UriPartial.Authority),
        OrganizationSecret = OrganizationSecret,
        UserSecret = UserSecret,
        SignInHosts = Address.Host,
    };

    public static async Task<SandboxTenant> StartAsync(int instances)
    {
        var build = new DirectoryInfo(AppContext.BaseDirectory);
        var root = Directory.GetParent(PortalFile.Artifacts())!.Parent!.FullName;
        var program = Path.Combine(root, "src", "AdminPortal.Sandbox", "bin", build.Parent!.Name, build.Name, "AdminPortal.Sandbox.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { program, "--urls", "http://127.0.0.1:0", "--seed-instances", instances.ToString(CultureInfo.InvariantCulture) }) start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException("The sandbox did not start.");

        // Its first lines say where it listens.
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal);
            if (at < 0) continue;
            _ = process.StandardOutput.ReadToEndAsync();
            return new SandboxTenant(process, new Uri(line[at..].Split(' ', '/').Length > 2 ? "http://" + line[(at + 7)..].Split('/', ' ')[0] : line[at..]));
        }

        throw new InvalidOperationException("The sandbox ended before it listened.");
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
