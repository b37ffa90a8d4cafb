using System.Collections.Concurrent;
using System.Security.Cryptography;
using AdminPortal.Domain.Secrets;
using Microsoft.AspNetCore.DataProtection;
using Secret = AdminPortal.Domain.Secrets.Secret;

namespace AdminPortal.Provisioning.Secrets;

/// <summary><see cref="ISecretBox"/> over ASP.NET Core Data Protection: one purpose for each kind, row and destination.</summary>
internal sealed class SecretBox(IDataProtectionProvider protection) : ISecretBox
{
    // The part of the purpose that is the same for every row: an import seals a hundred thousand tokens.
    private readonly ConcurrentDictionary<SecretKind, IDataProtector> _kinds = new();

    public Sealed Seal(SecretKind kind, Guid row, SecretOrigin destination, string value) => new(Protector(kind, row, destination).Protect(value));

    public string Open(Secret secret, SecretOrigin destination)
    {
        try
        {
            return Protector(secret.Kind, secret.Owner, destination).Unprotect(secret.Value.Ciphertext);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            throw new SecretUnreadableException(
                $"The {secret.Kind.StoredName()} of row {secret.Owner} does not open for {destination} with the current key ring.", exception);
        }
    }

    private IDataProtector Protector(SecretKind kind, Guid row, SecretOrigin destination)
    {
        // A client secret has one copy that is sent nowhere: the further ones are sealed from it.
        if (kind.IsSent() ? destination == SecretOrigin.Nowhere && kind != SecretKind.ClientSecret : destination != SecretOrigin.Nowhere)
            throw new ArgumentException($"A value of kind {kind} cannot be bound to {destination}.", nameof(destination));
        return _kinds.GetOrAdd(kind, one => protection.CreateProtector("AdminPortal.Secrets.v2", one.StoredName()))
            .CreateProtector(row.ToString("N"), destination.Text);
    }
}
