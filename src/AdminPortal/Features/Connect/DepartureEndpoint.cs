using AdminPortal.Features.Callback;
using AdminPortal.Features.SignIn;
using AdminPortal.Hosting;
using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Attempts;
using Microsoft.Extensions.Options;

namespace AdminPortal.Features.Connect;

/// <summary>The way out to the provider. An endpoint and not a page, because a circuit cannot set the browser's cookie.</summary>
internal static class DepartureEndpoint
{
    public static void MapDeparture(this WebApplication app) => app.MapGet("/connect/{attempt:guid}/go", HandleAsync);

    private static async Task<SeeOther> HandleAsync(
        Guid attempt, HttpContext context, ConsentService consents, PortalAddresses addresses, IOptions<PortalOptions> options)
    {
        var browser = BrowserBinding.Ensure(context, addresses, options.Value.ConsentLifetime);
        var departure = await consents.LeaveAsync(attempt, OneTimeValue.Hash(browser), context.User.Actor(), context.RequestAborted);
        // Where there is nothing to leave for (any more), the attempt's page says how it stands.
        return new SeeOther(departure.Url?.AbsoluteUri ?? $"/connect/{attempt}");
    }
}
