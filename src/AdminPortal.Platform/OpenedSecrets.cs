using AdminPortal.Domain.Secrets;

namespace AdminPortal.Platform;

/// <summary>The secrets that were opened for one request, so that they can be found again in what the other side says.</summary>
/// <param name="secrets">Opens them.</param>
/// <param name="destination">Where the request goes.</param>
internal sealed class OpenedSecrets(ISecretBox secrets, SecretOrigin destination)
{
    /// <summary>Shorter ones would be found in every other word.</summary>
    private const int MinLength = 5;

    /// <summary>Much more than is kept of any text.</summary>
    private const int MaxRead = 16_000;

    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);

    /// <summary>Opens one and remembers it for as long as the request lasts.</summary>
    /// <exception cref="SecretUnreadableException">It does not open with the current key ring, or was not sealed for this destination.</exception>
    public string Open(Secret secret)
    {
        var value = secrets.Open(secret, destination);
        if (value.Length >= MinLength) _opened.Add(value);
        return value;
    }

    /// <summary>The text, cut to a length that is read through quickly, with <c>***</c> in place of every secret of the request.</summary>
    public string? Hide(string? text)
    {
        if (string.IsNullOrEmpty(text) || _opened.Count == 0) return text;
        var isCut = text.Length > MaxRead;
        return new SecretWords(_opened.Select(secret => (secret, "***"))).Clean(isCut ? text[..MaxRead] : text, isCut);
    }
}
