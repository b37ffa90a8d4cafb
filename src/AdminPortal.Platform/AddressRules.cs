using System.Net;
using System.Net.Sockets;

namespace AdminPortal.Platform;

/// <summary>Tells the kinds of addresses apart.</summary>
/// <remarks>Source: the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and its successors).</remarks>
internal static class AddressRules
{
    private static readonly (IPNetwork Network, AddressKind Kind)[] Special =
    [
        Rule("0.0.0.0/8", AddressKind.Never),
        Rule("10.0.0.0/8", AddressKind.Private),
        Rule("100.64.0.0/10", AddressKind.Private),
        Rule("127.0.0.0/8", AddressKind.Private),
        Rule("169.254.0.0/16", AddressKind.Never),
        Rule("172.16.0.0/12", AddressKind.Private),
        // Azure's agent on every virtual machine: public by its number, and answered by the host itself.
        Rule("168.63.129.16/32", AddressKind.Never),
        Rule("192.0.0.0/24", AddressKind.Never),
        Rule("192.0.2.0/24", AddressKind.Never),
        Rule("192.88.99.0/24", AddressKind.Never),
        Rule("192.168.0.0/16", AddressKind.Private),
        Rule("198.18.0.0/15", AddressKind.Never),
        Rule("198.51.100.0/24", AddressKind.Never),
        Rule("203.0.113.0/24", AddressKind.Never),
        Rule("224.0.0.0/4", AddressKind.Never),
        Rule("240.0.0.0/4", AddressKind.Never),

        Rule("::1/128", AddressKind.Private),
        // Amazon's metadata service by IPv6: unique local by its number.
        Rule("fd00:ec2::254/128", AddressKind.Never),
        Rule("fc00::/7", AddressKind.Private),
        Rule("fec0::/10", AddressKind.Private),
        Rule("64:ff9b:1::/48", AddressKind.Private),
        Rule("2001:db8::/32", AddressKind.Never),
        Rule("3fff::/20", AddressKind.Never),
        // Teredo hides an IPv4 address behind a scramble; nobody offers a platform by it.
        Rule("2001::/32", AddressKind.Never),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>The kind of an address; one that carries another inside is of that one's kind.</summary>
    public static AddressKind KindOf(IPAddress address)
    {
        address = Inner(address);
        foreach (var (network, kind) in Special)
        {
            if (network.Contains(address)) return kind;
        }

        // What is not yet given to anybody in IPv6 is nobody's.
        return address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address) ? AddressKind.Public : AddressKind.Never;
    }

    private static IPAddress Inner(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        // The zone is no part of the number.
        if (address.ScopeId != 0) address = new IPAddress(address.GetAddressBytes());
        if (SixToFour.Contains(address)) return new IPAddress(address.GetAddressBytes().AsSpan(2, 4));
        return Nat64.Contains(address) ? new IPAddress(address.GetAddressBytes().AsSpan(12, 4)) : address;
    }

    private static (IPNetwork Network, AddressKind Kind) Rule(string network, AddressKind kind) => (IPNetwork.Parse(network), kind);
}
