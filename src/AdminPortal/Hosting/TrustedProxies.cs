using AdminPortal.Domain.Settings;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace AdminPortal.Hosting;

/// <summary>
/// How the address that a browser came from is found behind proxies. <c>X-Forwarded-For</c> is read from its end, which the
/// nearest proxy wrote, up to the first address that is not a trusted proxy's: what stands before it was written by somebody
/// who is not trusted. Scheme and host are taken from no proxy: they are configured.
/// </summary>
internal static class TrustedProxies
{
    public static void Configure(ForwardedHeadersOptions forwarded, IOptions<PortalOptions> portal)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
        // However many proxies there are; the framework would stop after the nearest.
        forwarded.ForwardLimit = null;
        // Proxies on this machine are trusted by the framework's own lists.
        foreach (var proxy in portal.Value.TrustedProxies) forwarded.KnownIPNetworks.Add(PortalOptions.ReadNetwork(proxy)!.Value);
    }
}
