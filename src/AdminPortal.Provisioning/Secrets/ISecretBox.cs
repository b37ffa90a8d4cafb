namespace AdminPortal.Provisioning.Secrets;

/// <summary>Seals secrets for storage and opens them where they are used.</summary>
public interface ISecretBox
{
    /// <summary>Seals a value for one row: moved to another row or used as another kind, it does not open.</summary>
    Sealed Seal(SecretKind kind, Guid owner, string value);

    /// <summary>Opens a sealed value.</summary>
    /// <exception cref="SecretUnreadableException">It does not open: another key ring, another row, or damage.</exception>
    string Open(Secret secret);
}
