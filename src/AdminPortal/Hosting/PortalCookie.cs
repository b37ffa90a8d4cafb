using AdminPortal.Provisioning;

namespace AdminPortal.Hosting;

/// <summary>How the portal's cookies are named and guarded.</summary>
internal static class PortalCookie
{
    /// <summary>Under https the <c>__Host-</c> prefix ties a cookie to this very host; plain http (loopback) cannot have it.</summary>
    public static string Name(string name, PortalAddresses addresses) => addresses.IsHttps ? $"__Host-portal-{name}" : $"portal-{name}";

    /// <summary>Secure under https, also where a proxy ends the TLS.</summary>
    public static CookieSecurePolicy Secure(PortalAddresses addresses) => addresses.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
}
