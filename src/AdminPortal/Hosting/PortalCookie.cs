using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Hosting;

/// <summary>How the portal's cookies are named and guarded.</summary>
internal static class PortalCookie
{
    /// <summary>
    /// Under https, which is everywhere but in Development, the <c>__Host-</c> prefix ties a cookie to this very host. Over plain
    /// http, which is Development on loopback alone, it is left out with <c>Secure</c>: Chromium takes such cookies from
    /// http://localhost, and Safari drops them, so that nobody could sign in to a first try on a Mac.
    /// </summary>
    public static string Name(string name, PortalAddresses addresses) => addresses.IsHttps ? $"__Host-portal-{name}" : $"portal-{name}";

    /// <summary>Secure under https, also where a proxy ends the TLS.</summary>
    public static CookieSecurePolicy Secure(PortalAddresses addresses) => addresses.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
}
