using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace AdminPortal.Provisioning.Secrets;

/// <summary><see cref="ISecretBox"/> over ASP.NET Core Data Protection: one purpose for each kind and row.</summary>
internal sealed class SecretBox(IDataProtectionProvider protection) : ISecretBox
{
    // The part of the purpose that is the same for every row: an import seals a hundred thousand tokens.
    private readonly ConcurrentDictionary<SecretKind, IDataProtector> _kinds = new();

    public Sealed Seal(SecretKind kind, Guid owner, string value) => new(Protector(kind, owner).Protect(value));

    public string Open(Secret secret)
    {
        try
        {
            return Protector(secret.Kind, secret.Owner).Unprotect(secret.Value.Ciphertext);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            throw new SecretUnreadableException($"The {secret.Kind} of row {secret.Owner} does not open with the current key ring.", exception);
        }
    }

    private IDataProtector Protector(SecretKind kind, Guid owner) =>
        _kinds.GetOrAdd(kind, one => protection.CreateProtector("AdminPortal.Secrets.v1", one.ToString())).CreateProtector(owner.ToString("N"));
}
