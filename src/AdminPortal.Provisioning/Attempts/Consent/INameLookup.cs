using System.Net;
using System.Net.Sockets;
using AdminPortal.Domain.Settings;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>Asks the name service.</summary>
public interface INameLookup
{
    /// <summary>Whether the host has an address. Whatever happens is an answer; only cancellation is thrown.</summary>
    Task<NameAnswer> LookUpAsync(string host, CancellationToken cancellationToken);
}

/// <summary>What came of asking the name service.</summary>
public enum NameAnswer
{
    /// <summary>The settings say that it is not asked.</summary>
    NotAsked,

    /// <summary>The name has an address.</summary>
    Known,

    /// <summary>The name service says that there is no such name.</summary>
    Unknown,

    /// <summary>It could not be asked, or did not answer in time.</summary>
    NoAnswer,
}

/// <summary><see cref="INameLookup"/> by the system's resolver.</summary>
internal sealed class DnsNameLookup(IOptions<PortalOptions> options, TimeProvider clock) : INameLookup
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public async Task<NameAnswer> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        if (!options.Value.Preflight.LookUpNames) return NameAnswer.NotAsked;
        try
        {
            // The system's resolver goes on by itself and cannot be stopped: it is waited for no longer.
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(Limit, clock, cancellationToken).ConfigureAwait(false);
            return addresses.Length > 0 ? NameAnswer.Known : NameAnswer.Unknown;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            return NameAnswer.Unknown;
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or ArgumentException)
        {
            return NameAnswer.NoAnswer;
        }
    }
}
