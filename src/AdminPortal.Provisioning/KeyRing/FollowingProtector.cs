using System.Security.Cryptography;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>A protector that goes with the key ring: it seals and opens with the ring as it is now.</summary>
internal sealed class FollowingProtector(PortalKeyRing ring, FollowingProtector? parent, string purpose) : IDataProtector
{
    private Made? _made;

    /// <inheritdoc />
    public IDataProtector CreateProtector(string purpose) => new FollowingProtector(ring, this, purpose);

    /// <inheritdoc />
    public byte[] Protect(byte[] plaintext) => In(ring.Current).Protect(plaintext);

    /// <inheritdoc />
    public byte[] Unprotect(byte[] protectedData)
    {
        var generation = ring.Current;
        try
        {
            return In(generation).Unprotect(protectedData);
        }
        catch (CryptographicException)
        {
            if (!ring.LearnsOf(SealedHeader.KeyIdOf(protectedData.AsSpan()), generation)) throw;
        }

        return In(ring.Current).Unprotect(protectedData);
    }

    private IDataProtector In(KeyRingGeneration generation)
    {
        var made = _made;
        if (made is not null && made.Generation == generation) return made.Protector;
        var protector = (parent is null ? generation.Provider : parent.In(generation)).CreateProtector(purpose);
        _made = new Made(generation, protector);
        return protector;
    }

    private sealed record Made(KeyRingGeneration Generation, IDataProtector Protector);
}
