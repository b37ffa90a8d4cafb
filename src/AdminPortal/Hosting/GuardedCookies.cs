using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace AdminPortal.Hosting;

/// <summary>Names and guards the cookie of every sign-in scheme, also of those that the framework or a later feature adds.</summary>
internal sealed class GuardedCookies(PortalAddresses addresses) : IPostConfigureOptions<CookieAuthenticationOptions>
{
    public void PostConfigure(string? name, CookieAuthenticationOptions options)
    {
        var cookie = options.Cookie;
        var prefix = PortalCookie.Name("", addresses);
        if (cookie.Name is null || !cookie.Name.StartsWith(prefix, StringComparison.Ordinal))
            cookie.Name = prefix + (name ?? "").ToLowerInvariant().Replace('.', '-');
        cookie.HttpOnly = true;
        cookie.SecurePolicy = PortalCookie.Secure(addresses);
        cookie.Path = "/";
        cookie.Domain = null;
        // Lax at the least: None is for cookies of frames on other sites, and we allow no frames.
        if (cookie.SameSite is SameSiteMode.None or SameSiteMode.Unspecified) cookie.SameSite = SameSiteMode.Lax;
    }
}
