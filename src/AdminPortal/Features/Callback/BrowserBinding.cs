using AdminPortal.Hosting;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Features.Callback;

/// <summary>
/// The cookie that ties a consent to the browser that left for it. One value for a browser, whatever number of
/// attempts it has under way; each attempt keeps its hash.
/// </summary>
internal static class BrowserBinding
{
    /// <summary>The value that this browser brings; null when it brings none.</summary>
    public static string? Read(HttpRequest request, PortalAddresses addresses) => request.Cookies[PortalCookie.Name("browser", addresses)];

    /// <summary>The value of this browser, set anew so that it lasts as long as a consent may.</summary>
    public static string Ensure(HttpContext context, PortalAddresses addresses, TimeSpan lifetime)
    {
        var value = Read(context.Request, addresses);
        if (!OneTimeValue.HasForm(value)) value = OneTimeValue.Create();
        context.Response.Cookies.Append(PortalCookie.Name("browser", addresses), value!, new CookieOptions
        {
            HttpOnly = true,
            // The person comes back by a link on the provider's site; only Lax cookies come along.
            SameSite = SameSiteMode.Lax,
            Secure = addresses.IsHttps,
            Path = "/",
            MaxAge = lifetime,
            IsEssential = true,
        });
        return value!;
    }
}
