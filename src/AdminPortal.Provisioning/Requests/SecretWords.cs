using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AdminPortal.Provisioning.Platform;

namespace AdminPortal.Provisioning.Requests;

/// <summary>
/// Puts words in place of the portal's secrets, should an answer or a command hold one: as it is, or written with the
/// escapes of JSON, of addresses or of HTML.
/// </summary>
internal sealed class SecretWords
{
    /// <summary>As much of a secret, at the end of a text that was cut off, is taken for its beginning.</summary>
    private const int MinCut = 4;

    private readonly List<(string Secret, Regex Forms, string Word)> _secrets = [];

    /// <summary>Whether anything was replaced so far.</summary>
    public bool Replaced { get; private set; }

    public SecretWords(string userSecret, string organizationSecret, string token)
    {
        Add(userSecret, CurlCommand.UserSecret);
        Add(organizationSecret, CurlCommand.OrganizationSecret);
        Add(token, CurlCommand.ElementToken);
        // One secret may be a part of another one.
        _secrets.Sort((left, right) => right.Secret.Length.CompareTo(left.Secret.Length));
    }

    /// <summary>The text without the secrets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cut">Whether the text was cut off, so that a secret may stand at its end in part.</param>
    public string Clean(string text, bool cut = false)
    {
        foreach (var (secret, forms, word) in _secrets)
        {
            text = forms.Replace(text, _ =>
            {
                Replaced = true;
                return word;
            });
            if (!cut) continue;
            for (var length = Math.Min(secret.Length - 1, text.Length); length >= MinCut; length--)
            {
                if (!text.AsSpan(text.Length - length).SequenceEqual(secret.AsSpan(0, length))) continue;
                text = text[..^length] + word;
                Replaced = true;
                break;
            }
        }

        return text;
    }

    private void Add(string secret, string word)
    {
        if (secret.Length == 0) return;
        var forms = new StringBuilder();
        foreach (var letter in secret)
        {
            var code = (int)letter;
            // As it is, and as JSON, HTML and addresses may write it.
            forms.Append(CultureInfo.InvariantCulture, $@"(?:\\?{Regex.Escape(letter.ToString())}|(?i:\\u{code:x4}|&#x0*{code:x};|&#0*{code};");
            if (code < 128) forms.Append(CultureInfo.InvariantCulture, $"|%{code:x2}");
            forms.Append("))");
        }

        // Linear in the length of the answer, whatever stands in it.
        _secrets.Add((secret, new Regex(forms.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), word));
    }
}
