using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AdminPortal.Benchmarks;

/// <summary>The portal as a process of its own, on a data directory under <c>artifacts/benchmarks</c>.</summary>
internal sealed partial class PortalProcess : IDisposable
{
    private PortalProcess(Process process, Uri address, string? setup)
    {
        Process = process;
        Address = address;
        Setup = setup;
    }

    public Process Process { get; }

    public Uri Address { get; }

    /// <summary>Path and query of the one-time setup link, where the portal has printed one.</summary>
    public string? Setup { get; }

    /// <summary>The build output of this configuration.</summary>
    public static string BuildOutput() => Path.GetDirectoryName(Programs.Built("AdminPortal"))!;

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="folder">Where the program lies.</param>
    /// <param name="data">The data directory's name under <c>artifacts/benchmarks</c>.</param>
    /// <param name="waitForSetup">Whether the database is a fresh one, so that a setup link will be printed.</param>
    public static async Task<PortalProcess> StartAsync(string folder, string data, bool waitForSetup)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "AdminPortal.dll")]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        start.Environment["Portal__DataDirectory"] = Path.Combine(PortalFile.Artifacts(), data);
        start.Environment["Portal__PublicBaseUrl"] = "http://127.0.0.1:5080";
        var process = Process.Start(start) ?? throw new InvalidOperationException("The portal did not start.");
        Uri? address = null;
        string? setup = null;
        while ((address is null || (waitForSetup && setup is null)) && await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Listening().Match(line) is { Success: true } listening) address = new Uri(listening.Groups[1].Value);
            if (SetupLink().Match(line) is { Success: true } link) setup = link.Groups[1].Value;
        }

        _ = process.StandardOutput.ReadToEndAsync();
        return new PortalProcess(process, address ?? throw new InvalidOperationException("The portal ended before it listened."), setup);
    }

    /// <summary>How much memory the process has, in MB, shared pages included.</summary>
    public double ResidentMegabytes()
    {
        Process.Refresh();
        return Process.WorkingSet64 / 1024d / 1024d;
    }

    public void Dispose()
    {
        if (!Process.HasExited) Process.Kill(entireProcessTree: true);
        Process.WaitForExit();
        Process.Dispose();
    }

    [GeneratedRegex(@"listening on: (http://\S+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"https?://[^/]+(/setup\?\S+)")]
    private static partial Regex SetupLink();
}
