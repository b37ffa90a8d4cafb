using System.Reflection;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.EndToEnd.Tests.Infrastructure;

/// <summary>Where the programs under test lie.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = FindRoot();

    private static string Configuration { get; } =
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Configuration").Value!;

    /// <summary>The built program of a project under <c>src</c>.</summary>
    public static string Program(string project) => Path.Combine(Root, "src", project, "bin", Configuration, "net10.0", project + ".dll");

    /// <summary>The portal as it is published.</summary>
    public static async Task<string> PublishedAsync() => Path.Combine(await Folders.PublishedAsync(), "AdminPortal.dll");

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "AdminPortal.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests do not lie below the folder with AdminPortal.sln.");
    }
}
