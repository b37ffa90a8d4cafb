using System.Text.RegularExpressions;

namespace AdminPortal.Provisioning.Tests;

/// <summary>
/// The folders of the web host and their dependencies, read from the sources: <c>Access</c>, <c>Ui</c>, ..., and each folder below
/// <c>Features</c>. The files of the project's root are one more folder, named <see cref="Root"/>.
/// </summary>
/// <param name="files">Paths relative to the project, with <c>/</c>, and texts of its .cs and .razor files.</param>
internal sealed partial class WebFolders(IReadOnlyDictionary<string, string> files)
{
    /// <summary>The folder of Program.cs.</summary>
    public const string Root = "(root)";

    private const string Imports = "_Imports.razor";

    private readonly ILookup<string, string> _types = files.Keys.Where(path => Path.GetFileName(path) != Imports)
        .Select(path => (Folder: FolderOf(path), Type: Path.GetFileName(path).Split('.')[0])).Distinct()
        .ToLookup(one => one.Folder, one => one.Type);

    /// <summary>The web host of this repository.</summary>
    public static WebFolders OfRepository()
    {
        var project = Path.Combine(Repository.Root, "src", "AdminPortal");
        return new(Repository.Files("src/AdminPortal", ".cs", ".razor")
            .ToDictionary(file => Path.GetRelativePath(project, file).Replace(Path.DirectorySeparatorChar, '/'), File.ReadAllText));
    }

    /// <summary>The folder that a file belongs to.</summary>
    public static string FolderOf(string path) => path.Split('/') switch
    {
        [_] => Root,
        ["Features", _] => "Features",
        ["Features", var feature, ..] => "Features/" + feature,
        [var folder, ..] => folder,
        _ => Root,
    };

    /// <summary>All dependencies between two folders, each with a file that has it.</summary>
    public IReadOnlyList<FolderUse> Uses() =>
    [
        .. files.SelectMany(file => Users(file.Key).SelectMany(from =>
                UsedBy(file.Key, file.Value).Where(to => to != from).Select(to => new FolderUse(from, file.Key, to))))
            .DistinctBy(use => (use.From, use.To))
            .OrderBy(use => use.From, StringComparer.Ordinal).ThenBy(use => use.To, StringComparer.Ordinal),
    ];

    /// <summary>Finds a cycle, as the dependencies that form it; empty for none.</summary>
    public IReadOnlyList<FolderUse> FindCycle()
    {
        var next = Uses().ToLookup(use => use.From);
        return next.Select(group => FindWay(group.Key, group.Key, [])).FirstOrDefault(way => way is not null) ?? [];

        FolderUse[]? FindWay(string from, string target, HashSet<string> seen)
        {
            foreach (var use in next[from])
            {
                if (use.To == target) return [use];
                if (seen.Add(use.To) && FindWay(use.To, target, seen) is { } way) return [use, .. way];
            }

            return null;
        }
    }

    // Every folder with components uses what an imports file above them imports, whether or not one of them needs it.
    private IEnumerable<string> Users(string path)
    {
        if (Path.GetFileName(path) != Imports) return [FolderOf(path)];
        var above = path[..^Imports.Length];
        return files.Keys.Where(file => file.EndsWith(".razor", StringComparison.Ordinal) && Path.GetFileName(file) != Imports
            && file.StartsWith(above, StringComparison.Ordinal)).Select(FolderOf).Distinct();
    }

    private IEnumerable<string> UsedBy(string path, string text)
    {
        var folders = _types.Select(folder => folder.Key).ToHashSet();
        var own = FolderOf(path);
        var used = new HashSet<string>();
        // Directives and full names.
        foreach (Match name in FullName().Matches(text)) used.Add(FolderNamed(name.Groups[1].Value));
        // Names from an enclosing namespace: Hosting.ExitCode, and Reveals.RevealsText in another feature.
        foreach (Match name in PartialName().Matches(text))
        {
            var folder = FolderNamed(name.Groups[1].Value);
            if (!folders.Contains(folder) && own.StartsWith("Features/", StringComparison.Ordinal)) folder = "Features/" + folder;
            if (_types[folder].Contains(name.Groups[2].Value)) used.Add(folder);
        }

        if (path.EndsWith(".razor", StringComparison.Ordinal))
        {
            foreach (Match tag in Tag().Matches(text))
            {
                var component = tag.Groups[1].Value;
                // A component of the own folder comes first; the other folders with one of that name are possible targets.
                if (_types[own].Contains(component)) continue;
                used.UnionWith(folders.Where(folder => folder != Root && files.Keys.Any(file => IsComponent(file, folder, component))));
            }
        }

        // The root's namespace encloses all others, so its types are visible without a directive.
        var code = Comment().Replace(text, "");
        if (own != Root && _types[Root].Any(type => Regex.IsMatch(code, $@"(?<![\w.""]){Regex.Escape(type)}\b(?![\w""])"))) used.Add(Root);
        return used.Where(folders.Contains);
    }

    private static bool IsComponent(string file, string folder, string component) =>
        FolderOf(file) == folder && Path.GetFileName(file) == component + ".razor";

    private static string FolderNamed(string name) => name.Replace("Features.", "Features/", StringComparison.Ordinal);

    [GeneratedRegex(@"\bAdminPortal\.(Features\.\w+|\w+)")]
    private static partial Regex FullName();

    [GeneratedRegex(@"(?<![\w.])((?:Features\.)?[A-Z]\w*)\.([A-Z]\w*)")]
    private static partial Regex PartialName();

    [GeneratedRegex(@"<([A-Z]\w*)(?=[\s/>])")]
    private static partial Regex Tag();

    [GeneratedRegex(@"//[^\n]*|@\*.*?\*@", RegexOptions.Singleline)]
    private static partial Regex Comment();
}

/// <summary>A dependency between two folders.</summary>
/// <param name="From">The folder of the file.</param>
/// <param name="File">The file that has it.</param>
/// <param name="To">The folder that it uses.</param>
internal sealed record FolderUse(string From, string File, string To)
{
    public override string ToString() => $"{File} in {From} uses {To}";
}
