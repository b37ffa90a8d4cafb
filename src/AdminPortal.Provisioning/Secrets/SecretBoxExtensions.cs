using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;

namespace AdminPortal.Provisioning.Secrets;

/// <summary>Opening and sealing where a value that does not open is an expected outcome.</summary>
internal static class SecretBoxExtensions
{
    /// <summary>Opens a value; null if it does not open.</summary>
    public static string? Find(this ISecretBox secrets, Secret secret, SecretOrigin destination)
    {
        try
        {
            return secrets.Open(secret, destination);
        }
        catch (SecretUnreadableException)
        {
            return null;
        }
    }

    /// <summary>The key of the activity record, as a head holds it; 32 bytes.</summary>
    /// <exception cref="SecretUnreadableException">It does not open, or is no key.</exception>
    public static byte[] OpenRecordKey(this ISecretBox secrets, ActivityHead head)
    {
        try
        {
            return Convert.FromBase64String(secrets.Open(head.KeyOf, SecretOrigin.Nowhere));
        }
        catch (FormatException exception)
        {
            throw new SecretUnreadableException("The key of the activity record is not a key.", exception);
        }
    }

    /// <summary>Seals a value and verifies that the result opens, before it replaces a stored value.</summary>
    /// <returns>Null if the result does not open to the same value: it must not replace one that does.</returns>
    public static Sealed? SealVerified(this ISecretBox secrets, SecretKind kind, Guid row, SecretOrigin destination, string value)
    {
        var made = secrets.Seal(kind, row, destination, value);
        return secrets.Find(new Secret(kind, row, made), destination) == value ? made : null;
    }
}
