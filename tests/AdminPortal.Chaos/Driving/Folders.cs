using System.Diagnostics;
using System.Reflection;

namespace AdminPortal.Chaos.Driving;

/// <summary>Where the programs under test lie, and the portal as it is published.</summary>
public static class Folders
{
    private static readonly Lazy<Task<string>> Published = new(PublishAsync);

    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = FindRoot();

    private static string Configuration { get; } =
        typeof(Folders).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Configuration").Value!;

    /// <summary>The built sandbox.</summary>
    public static string Sandbox => Path.Combine(Root, "src", "AdminPortal.Sandbox", "bin", Configuration, "net10.0", "AdminPortal.Sandbox.dll");

    /// <summary>What is loaded into the portal to drive it.</summary>
    public static string Inside => Path.Combine(Root, "tests", "AdminPortal.Chaos.Inside", "bin", Configuration, "net10.0", "AdminPortal.Chaos.Inside.dll");

    /// <summary>
    /// The folder of the portal as <c>dotnet publish -c Release</c> makes it; made once in a process, under <c>artifacts</c>.
    /// ADMINPORTAL_PUBLISHED names one that is there already.
    /// </summary>
    public static Task<string> PublishedAsync() => Published.Value;

    private static async Task<string> PublishAsync()
    {
        if (Environment.GetEnvironmentVariable("ADMINPORTAL_PUBLISHED") is { Length: > 0 } there) return there;
        var output = Path.Combine(Root, "artifacts", "published");
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "publish", Path.Combine(Root, "src", "AdminPortal"), "-c", "Release", "-o", output, "-nodeReuse:false", "-p:RunAnalyzers=false" }) start.ArgumentList.Add(argument);
        using var publish = Process.Start(start)!;
        var text = publish.StandardOutput.ReadToEndAsync();
        var errors = publish.StandardError.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? output : throw new InvalidOperationException("dotnet publish failed:\n" + await text + await errors);
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "AdminPortal.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("This program does not lie below the folder with AdminPortal.sln.");
    }
}
