using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

internal static class PingEndpoints
{
    public static void MapPing(this IEndpointRouteBuilder api)
    {
        api.MapGet("/ping", Ping);

        // The hub in the path means nothing: whatever stands there, the element token decides.
        api.MapGet("/hubs/{hub}/ping", Ping);
    }

    private static IResult Ping(HttpRequest request, Authenticator authenticator, InstanceOperations operations, SandboxClock clock)
    {
        if (authenticator.Check(request)?.Instance is not { } instance)
            return Authenticator.Refusal;
        return operations.RefuseCall(instance) as IResult
            ?? ApiAnswer.Json(new PongBody(WireFormat.Date(clock.GetUtcNow()), instance.ElementKey, instance.Valid));
    }
}
