using System.Globalization;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Provisioning.SingleSignOn;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>The cookies that a browser keeps while its person is at the authority: one for each tab that left.</summary>
internal static class Tickets
{
    /// <summary>How many may be under way in one browser; with one more the oldest is forgotten. Together they stay far below what a request may carry.</summary>
    public const int Most = 5;

    private const int HashLength = 16;

    /// <summary>Gives the browser the ticket of a departure.</summary>
    public static void Give(HttpContext context, PortalAddresses addresses, SingleSignOnDeparture departure, DateTimeOffset now)
    {
        var theirs = Names(context.Request, addresses).OrderDescending(StringComparer.Ordinal).Skip(Most - 1).ToList();
        foreach (var old in theirs) Forget(context, addresses, old);
        // Times of this length sort as text.
        var name = Prefix(addresses) + now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + "-" + Short(departure.State);
        context.Response.Cookies.Append(name, departure.Ticket, Options(addresses, SingleSignOnFlow.Lifetime));
    }

    /// <summary>The ticket of a state, which the browser is told to forget; null where it has none.</summary>
    public static string? Take(HttpContext context, PortalAddresses addresses, string? state)
    {
        if (!OneTimeValue.HasForm(state)) return null;
        var end = "-" + Short(state!);
        if (Names(context.Request, addresses).FirstOrDefault(name => name.EndsWith(end, StringComparison.Ordinal)) is not { } found) return null;
        Forget(context, addresses, found);
        return context.Request.Cookies[found];
    }

    private static IEnumerable<string> Names(HttpRequest request, PortalAddresses addresses) => request.Cookies.Keys.Where(name => name.StartsWith(Prefix(addresses), StringComparison.Ordinal));

    private static string Prefix(PortalAddresses addresses) => PortalCookie.Name("sso-", addresses);

    private static string Short(string state) => Convert.ToHexStringLower(OneTimeValue.Hash(state))[..HashLength];

    private static void Forget(HttpContext context, PortalAddresses addresses, string name) => context.Response.Cookies.Append(name, "", Options(addresses, TimeSpan.Zero));

    private static CookieOptions Options(PortalAddresses addresses, TimeSpan lifetime) => new()
    {
        HttpOnly = true,
        // The person comes back by a link on the authority's site; only Lax cookies come along.
        SameSite = SameSiteMode.Lax,
        Secure = addresses.IsHttps,
        Path = "/",
        MaxAge = lifetime,
        IsEssential = true,
    };
}
