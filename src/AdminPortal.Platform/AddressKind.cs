namespace AdminPortal.Platform;

/// <summary>What kind of network an address belongs to, as far as the portal's own requests are concerned.</summary>
public enum AddressKind
{
    /// <summary>An address of the public internet.</summary>
    Public,

    /// <summary>An address of this machine or of a private network: loopback, RFC 1918, unique local, carrier-grade NAT.</summary>
    Private,

    /// <summary>
    /// An address at which no platform can be: link-local (where clouds hand out credentials), multicast, unspecified,
    /// broadcast, reserved, or made for documents.
    /// </summary>
    Never,
}
