using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Features.Callback;

/// <summary>Says that a portal is here, beside the callback: the pre-flight asks for it by the public address.</summary>
internal static class CallbackProbeEndpoint
{
    public static void MapCallbackProbe(this WebApplication app) =>
        app.MapGet(PortalAddresses.ProbePath, (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Text(PortalAddresses.ProbeText);
        }).AllowAnonymous(); // The portal asks itself from outside, without a sign-in; the answer is the same two words for everybody.
}
