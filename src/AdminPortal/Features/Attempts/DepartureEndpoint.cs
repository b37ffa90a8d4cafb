using AdminPortal.Access;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Features.Callback;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Attempts.Consent;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Options;

namespace AdminPortal.Features.Attempts;

/// <summary>The way out to the provider. An endpoint and not a page, because a circuit cannot set the browser's cookie.</summary>
internal static class DepartureEndpoint
{
    public static void MapDeparture(this WebApplication app) =>
        app.MapGet("/connect/{attempt:guid}/go", HandleAsync).RequireOperation(Operation.Connect);

    private static async Task<SeeOther> HandleAsync(
        Guid attempt, HttpContext context, ConsentService consents, PortalAddresses addresses, IOptions<PortalOptions> options)
    {
        // It changes something and is read: a link on another site must not make a person leave for the provider.
        if (context.Request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site"]) return new SeeOther($"/connect/{attempt}");
        var browser = BrowserBinding.Ensure(context, addresses, options.Value.ConsentLifetime);
        var departure = await consents.LeaveAsync(attempt, OneTimeValue.Hash(browser), context.User.Actor(), context.RequestAborted);
        // Otherwise the attempt's page shows why.
        var query = departure.IsHostRemoved ? "?" + AttemptPage.HostRemovedQuery : "";
        return new SeeOther(departure.Url?.AbsoluteUri ?? $"/connect/{attempt}{query}");
    }
}
