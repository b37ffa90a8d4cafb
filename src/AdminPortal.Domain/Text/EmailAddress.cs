using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Domain.Text;

/// <summary>
/// The one rule for email addresses: setup, invitation, joining, sign-in, single sign-on and commands use it. An address has
/// the form of RFC 5321 with the internationalized local parts of RFC 6531 and internationalized domain names. Quoted local
/// parts and domains in brackets are not accepted: no mail service gives them to people.
/// </summary>
/// <remarks>
/// An address is stored in Unicode normalization form C, with its domain in Unicode. Two addresses are the same if their
/// <see cref="Key"/> is: it ignores case, compatibility forms (such as full-width letters) and whether a domain
/// is written in Unicode or in Punycode.
/// </remarks>
public static class EmailAddress
{
    /// <summary>The longest address, in bytes of UTF-8.</summary>
    public const int MaxBytes = 254;

    /// <summary>The longest part before the @, in bytes of UTF-8.</summary>
    public const int MaxLocalBytes = 64;

    private const int MaxDomainLength = 253;
    private const int MaxLabelLength = 63;
    private const string LocalPunctuation = "!#$%&'*+-/=?^_`{|}~";

    // Letters and marks without a shape of their own, which Unicode does not count as format characters.
    private static readonly (int First, int Last)[] Invisible =
    [
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
        // What stands for half of a surrogate pair.
        (0xFFFD, 0xFFFD),
    ];

    private static readonly UpperInvariantLookupNormalizer Normalizer = new();

    private static readonly IdnMapping Domains = new() { UseStd3AsciiRules = true };

    /// <summary>Reads an address that was entered. Spaces around it are ignored.</summary>
    /// <returns>The address as it is stored; null for text that breaks the rule.</returns>
    public static string? Read(string? text)
    {
        var entered = text?.Trim(' ');
        if (string.IsNullOrEmpty(entered) || entered.Length > MaxBytes || Normalize(entered, NormalizationForm.FormC) is not { } address) return null;
        var at = address.LastIndexOf('@');
        if (at <= 0 || !IsLocalPart(address[..at]) || ReadDomain(address[(at + 1)..]) is not var (ascii, unicode)) return null;
        var (local, domain) = (address[..at], address[(at + 1)..]);
        // Capitals stay as they were entered.
        var stored = string.Equals(domain, unicode, StringComparison.OrdinalIgnoreCase) ? address : $"{local}@{unicode}";
        return Encoding.UTF8.GetByteCount(stored) <= MaxBytes && Encoding.UTF8.GetByteCount(local) + 1 + ascii.Length <= MaxBytes ? stored : null;
    }

    /// <summary>Whether a text is an address by the rule.</summary>
    public static bool IsValid(string? text) => Read(text) is not null;

    /// <summary>What two addresses have in common if they are the same. It exists for addresses that break the rule, too.</summary>
    public static string Key(string address)
    {
        var text = Normalize(address.Trim(), NormalizationForm.FormKC) ?? address.Trim();
        var at = text.LastIndexOf('@');
        return at > 0 && ReadDomain(text[(at + 1)..]) is var (ascii, _) ? $"{text[..at]}@{ascii}".ToUpperInvariant() : text.ToUpperInvariant();
    }

    /// <summary>The normalized names under which the user of an entered address may be stored, the exact one first.</summary>
    internal static IReadOnlyList<string> LookupNames(string entered)
    {
        var text = entered.Trim();
        List<string> forms = [text];
        foreach (var form in (NormalizationForm[])[NormalizationForm.FormC, NormalizationForm.FormKC])
        {
            if (Normalize(text, form) is not { } normalized) continue;
            var at = normalized.LastIndexOf('@');
            if (at <= 0 || ReadDomain(normalized[(at + 1)..]) is not var (ascii, unicode)) continue;
            forms.Add($"{normalized[..at]}@{unicode}");
            forms.Add($"{normalized[..at]}@{ascii}");
        }

        return [.. forms.Select(NormalizeName).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>A name as ASP.NET Identity stores it for look-ups.</summary>
    internal static string NormalizeName(string name) => Normalize(name, NormalizationForm.FormC) is { } normalized ? Normalizer.NormalizeName(normalized)! : name.ToUpperInvariant();

    private static bool IsLocalPart(string text) =>
        Encoding.UTF8.GetByteCount(text) <= MaxLocalBytes && text.Split('.').All(IsAtom)
        // A compatibility form of a character that is not allowed, such as a full-width @, is not allowed either.
        && Normalize(text, NormalizationForm.FormKC) is { } folded && folded.Split('.').All(IsAtom);

    private static bool IsAtom(string text)
    {
        var isFirst = true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii ? !(Rune.IsLetterOrDigit(rune) || LocalPunctuation.Contains((char)rune.Value, StringComparison.Ordinal)) : !IsVisible(rune)) return false;
            if (isFirst && IsMark(rune)) return false;
            isFirst = false;
        }

        return !isFirst;
    }

    private static bool IsVisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator)
        && !Array.Exists(Invisible, range => rune.Value >= range.First && rune.Value <= range.Last);

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private static (string Ascii, string Unicode)? ReadDomain(string text)
    {
        // The mapping to Punycode removes some invisible characters without a word.
        if (text.Length is 0 or > MaxDomainLength || !text.EnumerateRunes().All(IsVisible)) return null;
        try
        {
            var ascii = Domains.GetAscii(text.ToLowerInvariant());
            var isDomain = ascii.Length <= MaxDomainLength && ascii.Split('.').All(label =>
                label.Length is > 0 and <= MaxLabelLength && label[0] != '-' && label[^1] != '-' && label.All(one => char.IsAsciiLetterOrDigit(one) || one == '-'));
            return isDomain ? (ascii, Domains.GetUnicode(ascii)) : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string? Normalize(string text, NormalizationForm form)
    {
        try
        {
            return text.Normalize(form);
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }
}
