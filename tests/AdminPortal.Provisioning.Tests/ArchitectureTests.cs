using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Tests;

/// <summary>Which assembly may know which.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Assembly Library = typeof(PortalDb).Assembly;

    [Fact]
    public void Provisioning_References_KnowNoScreensHostOrSandbox()
    {
        References(Library).ShouldNotContain(name =>
            name.StartsWith("Microsoft.AspNetCore.Components", StringComparison.Ordinal)
            || name.StartsWith("Radzen", StringComparison.Ordinal)
            || (name.StartsWith("AdminPortal", StringComparison.Ordinal) && name != "AdminPortal.Domain"));
        References(Library).ShouldContain("FluentValidation");
    }

    [Fact]
    public void Migrations_References_KnowTheLibraryAlone()
    {
        var migrations = Assembly.Load(PortalDatabase.SqliteMigrations);

        References(migrations).Where(name => name.StartsWith("AdminPortal", StringComparison.Ordinal)).ShouldBe(["AdminPortal.Provisioning"]);
    }

    [Fact]
    public void Sandbox_ProjectFile_RefersToNothing()
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "src", "AdminPortal.Sandbox", "AdminPortal.Sandbox.csproj"));

        project.Descendants().Select(element => element.Name.LocalName).ShouldNotContain(name => name == "ProjectReference" || name == "PackageReference" || name == "Reference");
        // Nor does it take sources in from elsewhere.
        project.Descendants().Attributes("Include").ShouldNotContain(attribute => attribute.Value.Contains("..", StringComparison.Ordinal));
    }

    [Fact]
    public void Sandbox_Assembly_ReferencesNoneOfOurs()
    {
        var bin = Path.Combine(Repository.Root, "src", "AdminPortal.Sandbox", "bin");
        if (!Directory.Exists(bin)) return;

        foreach (var file in Directory.EnumerateFiles(bin, "AdminPortal.Sandbox.dll", SearchOption.AllDirectories))
        {
            using var reader = new System.Reflection.PortableExecutable.PEReader(File.OpenRead(file));
            var metadata = System.Reflection.Metadata.PEReaderExtensions.GetMetadataReader(reader);
            metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
                .ShouldNotContain(name => name.StartsWith("AdminPortal", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void ProductionSources_Sandbox_IsNeverNamed()
    {
        foreach (var file in Repository.Files("src/AdminPortal", ".cs", ".razor").Concat(Repository.Files("src/AdminPortal.Provisioning", ".cs", ".razor")))
            File.ReadAllText(file).ShouldNotContain("AdminPortal.Sandbox", Case.Sensitive, file);
    }

    [Fact]
    public void ProductionProjects_Sandbox_IsAtMostThereAtRunTimeInDebug()
    {
        foreach (var file in new[] { "AdminPortal", "AdminPortal.Provisioning", "AdminPortal.Storage.Sqlite" }.SelectMany(name => Repository.Files("src/" + name, ".csproj")))
        {
            foreach (var reference in XDocument.Load(file).Descendants().Where(element =>
                element.Name.LocalName == "ProjectReference" && element.Attribute("Include")?.Value.Contains("Sandbox", StringComparison.Ordinal) == true))
            {
                Path.GetFileName(file).ShouldBe("AdminPortal.csproj");
                reference.Attribute("ExcludeAssets")?.Value.ShouldBe("compile");
                (reference.Attribute("Condition") ?? reference.Parent?.Attribute("Condition"))?.Value.ShouldBe("'$(Configuration)' == 'Debug'");
            }
        }
    }

    [Theory]
    [InlineData("Components")]
    [InlineData("Features")]
    [InlineData("Ui")]
    public void Screens_Sources_SeeNoDatabaseAndNoHttpClient(string folder)
    {
        foreach (var file in Repository.Files($"src/AdminPortal/{folder}", ".cs", ".razor"))
            Forbidden().Match(File.ReadAllText(file)).Value.ShouldBe("", file);
    }

    [Fact]
    public void Library_Types_AreSealedOrAbstractOrStatic()
    {
        // C# marks static classes as both.
        var open = Library.GetTypes().Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false } && !IsGenerated(type));

        open.ShouldBeEmpty();
    }

    [Fact]
    public void Library_Sources_TakeTheTimeFromTheClockAlone()
    {
        foreach (var file in Repository.Files("src/AdminPortal.Provisioning", ".cs"))
            WallClock().Match(File.ReadAllText(file)).Value.ShouldBe("", file);
    }

    private static bool IsGenerated(Type type) => type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is not null;

    private static List<string> References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];

    [GeneratedRegex(@"Microsoft\.EntityFrameworkCore|\bPortalDb\b|\bI?HttpClient(Factory)?\b")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bTask\.Delay\(|\bThread\.Sleep\(")]
    private static partial Regex WallClock();
}
