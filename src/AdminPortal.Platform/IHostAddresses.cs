using System.Net;

namespace AdminPortal.Platform;

/// <summary>Turns a host's name into its addresses.</summary>
public interface IHostAddresses
{
    /// <summary>All addresses of the name, or the address itself where the text is one.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">There is no such name, or the name service does not answer.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}

/// <summary><see cref="IHostAddresses"/> by the system's resolver.</summary>
internal sealed class SystemHostAddresses : IHostAddresses
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken) =>
        await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
}
