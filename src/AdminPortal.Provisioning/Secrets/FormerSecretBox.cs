using System.Collections.Concurrent;
using System.Security.Cryptography;
using AdminPortal.Domain.Secrets;
using Microsoft.AspNetCore.DataProtection;
using Secret = AdminPortal.Domain.Secrets.Secret;

namespace AdminPortal.Provisioning.Secrets;

/// <summary>
/// Opens values that the first release sealed, which were bound to kind and row only. It is for the start step that seals them
/// again, and for those that say whether a value still has the former purpose; nothing that sends secrets uses it.
/// </summary>
internal sealed class FormerSecretBox(IDataProtectionProvider protection)
{
    private readonly ConcurrentDictionary<SecretKind, IDataProtector> _kinds = new();

    /// <summary>The value; null where it does not open.</summary>
    public string? Find(Secret secret)
    {
        try
        {
            // The first release used the names of the enum's members, which are the stored names.
            return _kinds.GetOrAdd(secret.Kind, one => protection.CreateProtector("AdminPortal.Secrets.v1", one.StoredName()))
                .CreateProtector(secret.Owner.ToString("N")).Unprotect(secret.Value.Ciphertext);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
