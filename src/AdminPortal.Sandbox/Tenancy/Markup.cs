using System.Text.RegularExpressions;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>The platform removes HTML tags from names and tags and keeps the text between them.</summary>
internal static partial class Markup
{
    public static string Remove(string text)
    {
        string before;
        do
        {
            before = text;
            text = Tag().Replace(before, string.Empty);
        }
        while (text != before);
        return text.Trim();
    }

    // A tag begins with a letter, a slash or a mark: "1 < 2 > 0" is text. Removing one can close up another, hence the loop above.
    [GeneratedRegex("<[A-Za-z/!?][^<>]*>", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
