using AdminPortal.Hosting;
using AdminPortal.Provisioning.Attempts.Consent;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Components;

/// <summary>The document. Pages are interactive over a circuit, but for those that opt out and are plain HTTP.</summary>
public sealed partial class App
{
    // Without prerendering a page is set up once, and nothing can be typed before there is a circuit to keep it.
    private static readonly IComponentRenderMode Interactive = new InteractiveServerRenderMode(prerender: false);

    [CascadingParameter]
    public required HttpContext HttpContext { get; set; }

    [Inject]
    public required IStringLocalizer<LayoutText> L { get; set; }

    private BrowserPreferences Preferences => BrowserPreferences.Read(HttpContext.Request);

    // Only to be compared with the setting: nothing is built from what a proxy says.
    private ForwardedAddress? Forwarded => ForwardedAddress.Read(HttpContext.Request.Headers["X-Forwarded-Proto"], HttpContext.Request.Headers["X-Forwarded-Host"]);

    private IComponentRenderMode? PageRenderMode => HttpContext.AcceptsInteractiveRouting() ? Interactive : null;
}
