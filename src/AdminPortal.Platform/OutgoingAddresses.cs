using System.Net;
using System.Net.Sockets;
using AdminPortal.Domain.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Platform;

/// <summary>
/// Where the portal's requests to platforms may go. Whoever may enter a base URL must not make the portal a way into the
/// network that it stands in. A name is looked at twice: when it is saved, for a message beside the field, and at each
/// connection, where the address that was looked at is the one that is connected to, whatever the name says a moment later.
/// </summary>
public sealed class OutgoingAddresses(IOptions<PortalOptions> options, IHostEnvironment environment, IHostAddresses hosts, TimeProvider clock)
{
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(3);

    /// <summary>Whether this machine and private networks are allowed; other addresses that no platform has never are.</summary>
    public bool AllowsPrivate { get; } = options.Value.AllowPrivateAddresses ?? environment.IsDevelopment();

    /// <summary>Looks where a host leads now.</summary>
    /// <param name="host">A name, or an address with or without brackets.</param>
    /// <param name="cancellationToken">Cancels the look.</param>
    /// <returns>The kind that is in the way; null for none, and for a name that has no address now: each connection looks again.</returns>
    public async Task<AddressKind?> FindObstacleAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            // The system's resolver goes on by itself and cannot be stopped: it is waited for no longer.
            return Obstacle(await AddressesAsync(host, cancellationToken).WaitAsync(LookLimit, clock, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The addresses to connect to.</summary>
    /// <exception cref="AddressNotAllowedException">One of them is not allowed. A name that leads to both kinds is no platform's.</exception>
    /// <exception cref="SocketException">There is no such name, or the name service does not answer.</exception>
    internal async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = await AddressesAsync(host, cancellationToken).ConfigureAwait(false);
        if (addresses.Count == 0) throw new SocketException((int)SocketError.HostNotFound);
        return Obstacle(addresses) is null ? [.. addresses] : throw new AddressNotAllowedException();
    }

    private async Task<IReadOnlyList<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var literal) ? [literal] : await hosts.ResolveAsync(host, cancellationToken).ConfigureAwait(false);

    private AddressKind? Obstacle(IReadOnlyList<IPAddress> addresses)
    {
        var worst = addresses.Count == 0 ? AddressKind.Public : addresses.Max(AddressRules.KindOf);
        return worst == AddressKind.Public || (worst == AddressKind.Private && AllowsPrivate) ? null : worst;
    }
}

/// <summary>A host leads to an address to which the portal's requests may not go; nothing was sent.</summary>
internal sealed class AddressNotAllowedException() : IOException("The host leads to an address that is not allowed.");
