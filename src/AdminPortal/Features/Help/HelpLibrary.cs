using System.Reflection;

namespace AdminPortal.Features.Help;

/// <summary>The help pages: every <c>Help/*.md</c> of this project, which lie within the program.</summary>
internal sealed class HelpLibrary
{
    private const string Folder = "Help/";
    private const string Ending = ".md";

    private static readonly Assembly Portal = typeof(HelpLibrary).Assembly;

    // They cannot change while the program runs, and are read by few: made when the first one is asked for.
    private readonly Lazy<IReadOnlyDictionary<string, HelpDocument>> _documents = new(ReadAll);

    /// <summary>All of them, by title.</summary>
    public IEnumerable<HelpDocument> All => _documents.Value.Values.OrderBy(document => document.Title, StringComparer.Ordinal);

    /// <summary>The one of this name; null where there is none.</summary>
    public HelpDocument? Find(string name) => _documents.Value.GetValueOrDefault(name);

    private static Dictionary<string, HelpDocument> ReadAll() => Portal.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal))
        .Select(Read)
        .ToDictionary(document => document.Name, StringComparer.OrdinalIgnoreCase);

    private static HelpDocument Read(string resource)
    {
        using var reader = new StreamReader(Portal.GetManifestResourceStream(resource)!);
        return HelpMarkdown.Read(resource[Folder.Length..^Ending.Length], reader.ReadToEnd());
    }
}
