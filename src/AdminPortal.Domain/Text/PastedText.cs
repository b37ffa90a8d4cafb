using System.Globalization;

namespace AdminPortal.Domain.Text;

/// <summary>Repairs what copying and pasting adds to keys and identifiers.</summary>
public static class PastedText
{
    /// <summary>The text without blanks, line breaks and invisible characters, which no key or identifier has.</summary>
    /// <param name="text">What was pasted.</param>
    /// <param name="changed">Whether anything was taken out; the screen says so.</param>
    public static string Clean(string? text, out bool changed)
    {
        text ??= "";
        var cleaned = string.Concat(text.Where(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format));
        changed = cleaned.Length != text.Length;
        return cleaned;
    }

    /// <inheritdoc cref="Clean(string?, out bool)" />
    public static string Clean(string? text) => Clean(text, out _);
}
