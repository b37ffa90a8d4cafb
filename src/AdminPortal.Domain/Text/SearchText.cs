using System.Globalization;
using System.Text;

namespace AdminPortal.Domain.Text;

/// <summary>Folds text so that searching and sorting do not depend on case or accents, in any database.</summary>
public static class SearchText
{
    /// <summary>The longest folded text; some characters unfold into several.</summary>
    public const int MaxLength = 510;

    /// <summary>The text in lower case, without accents, trimmed and cut to <see cref="MaxLength"/>.</summary>
    public static string Fold(string text)
    {
        var decomposed = text.Trim().Normalize(NormalizationForm.FormKD);
        var folded = new StringBuilder(decomposed.Length);
        foreach (var rune in decomposed.EnumerateRunes())
        {
            if (folded.Length + 2 > MaxLength) break;
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
                folded.Append(Rune.ToLowerInvariant(rune).ToString());
        }

        return folded.ToString();
    }
}
