using AdminPortal.Domain.Users;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Access;

/// <summary>The cookie by which a browser is recognized in which somebody has signed in before: see <see cref="KnownBrowser"/>. It lets nobody in.</summary>
internal static class KnownBrowserCookie
{
    public static string? Read(HttpContext? context, PortalAddresses addresses) => context?.Request.Cookies[Name(addresses)];

    public static void Give(HttpContext context, PortalAddresses addresses, string value) => context.Response.Cookies.Append(Name(addresses), value, new CookieOptions
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = addresses.IsHttps,
        Path = "/",
        MaxAge = KnownBrowsers.Lifetime,
        IsEssential = true,
    });

    private static string Name(PortalAddresses addresses) => PortalCookie.Name("known-browser", addresses);
}
