using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Api;

/// <summary>The instance that a call is about: of the id in its path or, where the path has none, of the element token.</summary>
/// <param name="Id">The id as the path gives it; null for a call by token.</param>
/// <param name="Instance">Null when there is none.</param>
internal sealed record Target(string? Id, Instance? Instance)
{
    public ApiFailure Missing => Id is null ? Authenticator.Refusal : ApiFailure.NoInstance(Id);

    /// <summary>Called by the framework for a handler's parameter, before the filters; what is found here is not used until they let it.</summary>
    public static ValueTask<Target> BindAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var (id, found) = context.GetRouteValue("id") is string given
            ? (given, services.GetRequiredService<Tenant>().Find(InstanceEndpoints.Number(given)))
            : (null, services.GetRequiredService<Authenticator>().Check(context.Request)?.Instance);
        return ValueTask.FromResult(new Target(id, found?.IsHidden(services.GetRequiredService<SandboxClock>().GetUtcNow()) == true ? null : found));
    }
}
