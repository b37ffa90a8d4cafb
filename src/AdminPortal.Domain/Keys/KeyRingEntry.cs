namespace AdminPortal.Domain.Keys;

/// <summary>One element of the Data Protection key ring, as XML; wrapped where a certificate is configured.</summary>
public sealed class KeyRingEntry
{
    public int Id { get; init; }

    public required string FriendlyName { get; init; }

    public required string Xml { get; init; }

    /// <summary>
    /// The certificate's signature of <see cref="Xml"/>, in Base64: wrapping needs only the public half of the certificate,
    /// so that an entry that is wrapped may still come from someone else. Null where no certificate is configured.
    /// </summary>
    public string? Signature { get; init; }

    /// <summary>The text that is signed for an entry.</summary>
    internal static string SignedText(string xml) => "AdminPortal key ring entry v1\n" + xml;
}
