using System.Diagnostics;
using System.Reflection;

namespace AdminPortal.TestSupport.BlackBox;

/// <summary>Paths of the built programs, and the published portal.</summary>
public static class Programs
{
    private static readonly Lazy<Task<string>> Published = new(PublishAsync);

    private static string Configuration { get; } =
        typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Configuration").Value!;

    /// <summary>The assembly of a project, as built in this configuration.</summary>
    /// <param name="project">The project's name.</param>
    /// <param name="parent">The folder of the project: <c>src</c> or <c>tests</c>.</param>
    public static string Built(string project, string parent = "src") =>
        Path.Combine(Repository.Root, parent, project, "bin", Configuration, "net10.0", project + ".dll");

    /// <summary>
    /// The folder of the portal as <c>dotnet publish -c Release</c> makes it; made once per process, under <c>artifacts</c>.
    /// ADMINPORTAL_PUBLISHED names an existing one.
    /// </summary>
    public static Task<string> PublishedAsync() => Published.Value;

    private static async Task<string> PublishAsync()
    {
        if (Environment.GetEnvironmentVariable("ADMINPORTAL_PUBLISHED") is { Length: > 0 } existing) return existing;
        var output = Path.Combine(Repository.Root, "artifacts", "published");
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        string[] arguments =
        [
            "publish", Path.Combine(Repository.Root, "src", "AdminPortal"), "-c", "Release", "-o", output, "-nodeReuse:false", "-p:RunAnalyzers=false",
        ];
        using var publish = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var text = publish.StandardOutput.ReadToEndAsync();
        var errors = publish.StandardError.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? output : throw new InvalidOperationException("dotnet publish failed:\n" + await text + await errors);
    }
}
