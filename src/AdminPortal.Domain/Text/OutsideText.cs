using System.Globalization;
using System.Text;

namespace AdminPortal.Domain.Text;

/// <summary>Text that comes from another system: it is cleaned and bounded before it is kept or shown.</summary>
public static class OutsideText
{
    /// <summary>
    /// The text without control and invisible formatting characters (bidirectional overrides among them), trimmed and
    /// cut to a length; null when nothing is left.
    /// </summary>
    public static string? Clean(string? text, int maxLength)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;

        var cleaned = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (cleaned.Length + rune.Utf16SequenceLength > maxLength)
            {
                cleaned.Length = Math.Min(cleaned.Length, maxLength - 1);
                cleaned.Append('…');
                break;
            }

            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    if (cleaned.Length > 0 && cleaned[^1] != ' ') cleaned.Append(' ');
                    break;
                case UnicodeCategory.Format:
                    break;
                default:
                    cleaned.Append(rune.ToString());
                    break;
            }
        }

        var result = cleaned.ToString().Trim();
        return result.Length == 0 ? null : result;
    }

    /// <summary>
    /// The same for text of several lines: line breaks and tabs stay, as they belong to what is edited; what is too long
    /// is cut without a mark, for the caller to say so.
    /// </summary>
    public static string CleanLines(string? text, int maxLength)
    {
        if (text is null) return "";
        var cleaned = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (cleaned.Length + rune.Utf16SequenceLength > maxLength) break;
            if (rune.Value is '\n' or '\t' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator))
                cleaned.Append(rune.ToString());
        }

        return cleaned.ToString();
    }
}
