using AdminPortal.Provisioning.Secrets;

namespace AdminPortal.Provisioning.Activity;

/// <summary>
/// Opens the chain's key, and remembers it: a line that is written within a transaction must not have to wait for the key
/// ring. The key ring's own changes, a new sealing among them, are noticed by the sealed text.
/// </summary>
public sealed class ActivityKey(ISecretBox secrets)
{
    private Known? _known;

    /// <summary>The key of a head.</summary>
    /// <exception cref="SecretUnreadableException">It does not open with the key ring.</exception>
    internal byte[] Open(ActivityHead head)
    {
        var known = _known;
        if (known is not null && known.Sealed == head.Key) return known.Key;
        known = new Known(head.Key, Read(secrets, head));
        _known = known;
        return known.Key;
    }

    /// <summary>The key of a head, by any key ring.</summary>
    /// <exception cref="SecretUnreadableException">It does not open with it.</exception>
    internal static byte[] Read(ISecretBox box, ActivityHead head)
    {
        try
        {
            return Convert.FromBase64String(box.Open(head.KeyOf, SecretOrigin.Nowhere));
        }
        catch (FormatException exception)
        {
            throw new SecretUnreadableException("The key of the activity record is not a key.", exception);
        }
    }

    /// <summary>Seals a key.</summary>
    internal Sealed Seal(byte[] key) => secrets.Seal(SecretKind.ActivityKey, ActivityHead.KeyOwner, SecretOrigin.Nowhere, Convert.ToBase64String(key));

    private sealed record Known(Sealed Sealed, byte[] Key);
}
