namespace AdminPortal.Domain.Secrets;

/// <summary>Seals secrets for storage and opens them where they are used.</summary>
public interface ISecretBox
{
    /// <summary>
    /// Seals a value for one row and one destination: moved to another row, used as another kind or about to be sent to another
    /// origin, it does not open.
    /// </summary>
    Sealed Seal(SecretKind kind, Guid row, SecretOrigin destination, string value);

    /// <summary>Opens a sealed value that is about to be sent to <paramref name="destination"/>.</summary>
    /// <exception cref="SecretUnreadableException">It does not open: another key ring, another row, another destination, or damage.</exception>
    string Open(Secret secret, SecretOrigin destination);
}
