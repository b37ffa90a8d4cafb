using System.Globalization;
using System.Net;
using System.Text;

namespace AdminPortal.Platform;

/// <summary>
/// Puts words in place of the portal's secrets, should an answer or a command hold one: as it is, or written with the
/// escapes of JSON, of addresses or of HTML.
/// </summary>
internal sealed class SecretWords
{
    /// <summary>As much of a secret, at the end of a text that was cut off, is taken for its beginning.</summary>
    private const int MinCut = 4;

    /// <summary>The longest entity of HTML that stands for one letter, from its ampersand to its semicolon.</summary>
    private const int MaxEntity = 12;

    private readonly (string Secret, string Word)[] _secrets;

    public SecretWords(string userSecret, string organizationSecret, string token)
        : this([(userSecret, CurlCommand.UserSecret), (organizationSecret, CurlCommand.OrganizationSecret), (token, CurlCommand.ElementToken)])
    {
    }

    /// <summary>Any secrets, each with the word that takes its place.</summary>
    // One secret may be a part of another one.
    public SecretWords(IEnumerable<(string Secret, string Word)> secrets) =>
        _secrets = [.. secrets.Where(pair => pair.Secret.Length > 0).OrderByDescending(pair => pair.Secret.Length)];

    /// <summary>Whether anything was replaced so far.</summary>
    public bool Replaced { get; private set; }

    /// <summary>The text without the secrets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cut">Whether the text was cut off, so that a secret may stand at its end in part.</param>
    public string Clean(string text, bool cut = false)
    {
        foreach (var (secret, word) in _secrets) text = Clean(text, secret, word, cut);
        return text;
    }

    private string Clean(string text, string secret, string word, bool cut)
    {
        var clean = new StringBuilder(text.Length);
        var kept = 0;
        var at = 0;
        while (at < text.Length)
        {
            var length = Match(text, at, secret, cut);
            if (length == 0)
            {
                at++;
                continue;
            }

            clean.Append(text, kept, at - kept).Append(word);
            kept = at += length;
        }

        if (kept == 0) return text;
        Replaced = true;
        return clean.Append(text, kept, text.Length - kept).ToString();
    }

    /// <summary>How much of the text from here on is the secret in some writing; 0 where it is not.</summary>
    private static int Match(string text, int start, string secret, bool cut)
    {
        if (text[start] != secret[0] && text[start] is not ('\\' or '%' or '&')) return 0;
        // A letter can be read in more than one way, so that there may be several places from which to read on.
        List<int> places = [start];
        List<int> next = [];
        for (var i = 0; i < secret.Length; i++)
        {
            next.Clear();
            foreach (var place in places)
            {
                if (cut && place == text.Length && i >= MinCut) return text.Length - start;
                AddEnds(text, place, secret[i], next);
            }

            if (next.Count == 0) return 0;
            (places, next) = (next, places);
        }

        return places.Max() - start;
    }

    /// <summary>Adds where one letter ends that begins here, in each writing in which it stands there.</summary>
    private static void AddEnds(string text, int at, char letter, List<int> ends)
    {
        if (at >= text.Length) return;
        if (text[at] == letter) Add(at + 1);
        switch (text[at])
        {
            case '\\':
                // JSON within JSON has more than one of them.
                var behind = at;
                while (behind < text.Length && text[behind] == '\\')
                {
                    behind++;
                    if (letter == '\\') Add(behind);
                }

                if (behind < text.Length && text[behind] == letter && letter is '"' or '/' or '\'') Add(behind + 1);
                if (behind + 5 <= text.Length && text[behind] == 'u'
                    && int.TryParse(text.AsSpan(behind + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && code == letter) Add(behind + 5);
                break;
            case '%':
                var octets = string.Concat(Encoding.UTF8.GetBytes([letter]).Select(octet => $"%{octet:X2}"));
                if (text.AsSpan(at).StartsWith(octets, StringComparison.OrdinalIgnoreCase)) Add(at + octets.Length);
                break;
            case '&':
                var end = text.AsSpan(at, Math.Min(MaxEntity, text.Length - at)).IndexOf(';');
                if (end > 0 && WebUtility.HtmlDecode(text.Substring(at, end + 1)) is [var decoded] && decoded == letter) Add(at + end + 1);
                break;
        }

        void Add(int end)
        {
            if (!ends.Contains(end)) ends.Add(end);
        }
    }
}
