using AdminPortal.Domain.Settings;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>The key ring's settings as they are now: a certificate is exchanged while the portal runs.</summary>
internal sealed class KeyRingSettings(Func<KeyRingOptions> read)
{
    public KeyRingOptions Read() => read();
}
