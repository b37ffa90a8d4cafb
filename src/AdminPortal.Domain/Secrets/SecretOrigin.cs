namespace AdminPortal.Domain.Secrets;

/// <summary>
/// Where a secret may be sent: scheme, host and port, or nowhere. It is part of the sealing purpose, so a value that was
/// sealed for one origin does not open for another.
/// </summary>
public sealed record SecretOrigin
{
    /// <summary>The longest text of an origin: the length of the column that stores one.</summary>
    public const int MaxLength = 300;

    // Stored: it is part of the sealing purpose.
    private const string NowhereText = "nowhere";

    private SecretOrigin(string text) => Text = text;

    /// <summary>For values that are not sent anywhere, and for the copy of a client secret from which further copies are sealed.</summary>
    public static SecretOrigin Nowhere { get; } = new(NowhereText);

    /// <summary><c>scheme://host:port</c> in lower case, always with the port; an internationalized host in its ASCII form. Stored.</summary>
    public string Text { get; }

    /// <summary>The origin of a base URL, whatever its path.</summary>
    /// <exception cref="SecretUnreadableException">The text is not an absolute http or https address. Nothing can be sent to it, so nothing opens for it.</exception>
    public static SecretOrigin Of(string baseUrl) =>
        Find(baseUrl) ?? throw new SecretUnreadableException("The account's base URL is not an http or https address, so no secret can be opened for it.");

    /// <summary>The same; null where the text has no origin.</summary>
    public static SecretOrigin? Find(string? baseUrl)
    {
        if (!Uri.TryCreate(baseUrl, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)) return null;
        // IdnHost leaves out the brackets of an IPv6 address.
        var host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{uri.Scheme}://{host}:{uri.Port}").ToLowerInvariant();
        return host.Length == 0 || text.Length > MaxLength ? null : new SecretOrigin(text);
    }

    /// <inheritdoc />
    public override string ToString() => Text;
}
