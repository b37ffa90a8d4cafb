using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AdminPortal.Provisioning.Tests;

/// <summary>Which assembly may know which.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] Libraries =
        ["AdminPortal.Domain", "AdminPortal.Platform", "AdminPortal.Storage", "AdminPortal.Storage.Sqlite", "AdminPortal.Provisioning"];

    [Theory]
    [InlineData("AdminPortal.Domain")]
    [InlineData("AdminPortal.Platform", "AdminPortal.Domain")]
    [InlineData("AdminPortal.Storage", "AdminPortal.Domain")]
    [InlineData("AdminPortal.Storage.Sqlite", "AdminPortal.Storage")]
    [InlineData("AdminPortal.Provisioning", "AdminPortal.Platform", "AdminPortal.Storage")]
    public void Library_ProjectFile_RefersToTheLayersBelowOnly(string library, params string[] below)
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "src", library, library + ".csproj"));

        project.Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")!.Value.Split('\\')[^1].Replace(".csproj", "", StringComparison.Ordinal))
            .ShouldBe(below);
        References(Assembly.Load(library)).ShouldNotContain(name =>
            name.StartsWith("Microsoft.AspNetCore.Components", StringComparison.Ordinal)
            || name.StartsWith("Radzen", StringComparison.Ordinal));
    }

    [Fact]
    public void Domain_References_KnowNoDatabaseAndNoWeb() =>
        References(Assembly.Load("AdminPortal.Domain")).ShouldNotContain(name =>
            name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Data.Sqlite", StringComparison.Ordinal)
            || name.StartsWith("System.Net.Http", StringComparison.Ordinal));

    /// <summary>
    /// A folder uses another one where a source file in it has a using directive for it; unused directives do not compile. The
    /// folder of an assembly's root puts the others together and is used by none of them.
    /// </summary>
    [Theory]
    [InlineData("AdminPortal.Domain")]
    [InlineData("AdminPortal.Platform")]
    [InlineData("AdminPortal.Storage")]
    [InlineData("AdminPortal.Provisioning")]
    public void Library_Folders_FormNoCycle(string library)
    {
        var uses = new Dictionary<string, Dictionary<string, string>>();
        var root = Path.Combine(Repository.Root, "src", library);
        foreach (var file in Repository.Files("src/" + library, ".cs"))
        {
            var folder = Path.GetDirectoryName(Path.GetRelativePath(root, file))!.Replace(Path.DirectorySeparatorChar, '.');
            // The files that register services wire everything together.
            if (folder.Length == 0 || file.EndsWith("Services.cs", StringComparison.Ordinal)) continue;
            // A namespace sees the types of its parent without a using directive.
            if (folder.LastIndexOf('.') is > 0 and var dot) Add(folder, folder[..dot], file);
            foreach (Match used in Regex.Matches(File.ReadAllText(file), $@"^using {Regex.Escape(library)}\.([\w.]+);", RegexOptions.Multiline))
            {
                if (used.Groups[1].Value != folder) Add(folder, used.Groups[1].Value, file);
            }
        }

        foreach (var folder in uses.Keys) FindWay(folder, folder, []).ShouldBeNull();

        void Add(string from, string to, string file)
        {
            if (!uses.TryGetValue(from, out var known)) uses[from] = known = [];
            known.TryAdd(to, Path.GetFileName(file));
        }

        string? FindWay(string from, string target, HashSet<string> seen)
        {
            foreach (var (to, file) in uses.TryGetValue(from, out var next) ? next : [])
            {
                if (to == target) return $"{from}/{file} uses {to}";
                if (seen.Add(to) && FindWay(to, target, seen) is { } way) return $"{from}/{file} uses {to}; {way}";
            }

            return null;
        }
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
        foreach (var file in Libraries.Append("AdminPortal").SelectMany(name => Repository.Files("src/" + name, ".cs", ".razor")))
            File.ReadAllText(file).ShouldNotContain("AdminPortal.Sandbox", Case.Sensitive, file);
    }

    [Fact]
    public void ProductionProjects_Sandbox_IsAtMostThereAtRunTimeInDebug()
    {
        foreach (var file in Libraries.Append("AdminPortal").SelectMany(name => Repository.Files("src/" + name, ".csproj")))
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
        var open = Libraries.Except(["AdminPortal.Storage.Sqlite"]).SelectMany(name => Assembly.Load(name).GetTypes())
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false } && !IsGenerated(type));

        open.ShouldBeEmpty();
    }

    [Fact]
    public void Library_Sources_TakeTheTimeFromTheClockAlone()
    {
        foreach (var file in Libraries.SelectMany(name => Repository.Files("src/" + name, ".cs")))
            WallClock().Match(File.ReadAllText(file)).Value.ShouldBe("", file);
    }

    [Theory]
    [InlineData("AdminPortal.TestSupport.BlackBox")]
    [InlineData("AdminPortal.Chaos")]
    [InlineData("AdminPortal.EndToEnd.Tests")]
    public void BlackBoxTests_ProjectFile_SeesNoProductionTypes(string project)
    {
        var visible = XDocument.Load(Path.Combine(Repository.Root, "tests", project, project + ".csproj")).Descendants("ProjectReference")
            .Where(reference => reference.Attribute("ReferenceOutputAssembly")?.Value != "false")
            .Select(reference => reference.Attribute("Include")!.Value.Split('\\')[1]);

        visible.Except(["AdminPortal.TestSupport.BlackBox", "AdminPortal.Chaos"]).ShouldBeEmpty();
    }

    [Fact]
    public void Projects_Sources_AreCompiledIntoOneAssembly()
    {
        foreach (var file in Repository.Files("src", ".csproj").Concat(Repository.Files("tests", ".csproj")))
        {
            XDocument.Load(file).Descendants("Compile").Attributes("Include")
                .ShouldNotContain(include => include.Value.Contains("..", StringComparison.Ordinal), file);
        }
    }

    private static bool IsGenerated(Type type) => type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is not null;

    private static List<string> References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];

    [GeneratedRegex(@"Microsoft\.EntityFrameworkCore|\bPortalDb\b|\bI?HttpClient(Factory)?\b")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bTask\.Delay\(|\bThread\.Sleep\(")]
    private static partial Regex WallClock();
}
