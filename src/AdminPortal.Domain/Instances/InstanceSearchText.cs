using System.Globalization;
using AdminPortal.Domain.Text;

namespace AdminPortal.Domain.Instances;

/// <summary>
/// The text that the list's search looks at: name, tags, account server and platform id, each folded and on a line of
/// its own, so that no find spans two of them.
/// </summary>
internal static class InstanceSearchText
{
    /// <summary>Room for a name, all tags, a host and a number, folded.</summary>
    public const int MaxLength = 4000;

    /// <summary>The longest text that is searched for.</summary>
    public const int MaxSearchLength = 100;

    private const char Between = '\n';

    public static string Write(string name, IReadOnlyList<string> tags, string? accountServer, long platformId)
    {
        var text = string.Join(
            Between,
            tags.Select(SearchText.Fold).Prepend(SearchText.Fold(name)).Append(accountServer?.ToLowerInvariant() ?? "").Append(platformId.ToString(CultureInfo.InvariantCulture)));
        return text.Length > MaxLength ? text[..MaxLength] : text;
    }

    /// <summary>What a person typed, in the form in which it is looked for; empty where nothing is left of it.</summary>
    public static string Needle(string search)
    {
        var text = search.Length > MaxSearchLength ? search[..MaxSearchLength] : search;
        return SearchText.Fold(text).Replace(Between, ' ');
    }
}
