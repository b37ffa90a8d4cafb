using AdminPortal.Domain.Secrets;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>A box without a lock, for what needs no key ring; the value <see cref="Unreadable"/> does not open.</summary>
internal sealed class PlainSecretBox : ISecretBox
{
    public const string Unreadable = "unreadable";

    public Sealed Seal(SecretKind kind, Guid row, SecretOrigin destination, string value) => new(value);

    public string Open(Secret secret, SecretOrigin destination) => secret.Value.Ciphertext == Unreadable ? throw new SecretUnreadableException("It does not open.") : secret.Value.Ciphertext;
}
