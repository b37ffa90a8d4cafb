using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

internal static class InstanceConfigurationEndpoints
{
    public static void MapInstanceConfiguration(this IEndpointRouteBuilder api)
    {
        var guarded = api.MapGroup("/instances/{id}/configuration").RequireOrganization();
        guarded.MapGet(string.Empty, All);
        guarded.MapGet("/{configurationId}", One);
        guarded.MapPatch("/{configurationId}", ChangeAsync);
    }

    private static IResult All(string id, Tenant tenant) =>
        tenant.Find(InstanceEndpoints.Number(id)) is { } instance
            ? ApiAnswer.Json(InstanceConfigurationBody.From(instance))
            : ApiFailure.NoInstance(id);

    private static IResult One(string id, string configurationId, Tenant tenant)
    {
        if (tenant.Find(InstanceEndpoints.Number(id)) is not { } instance)
            return ApiFailure.NoInstance(id);
        return instance.Configuration.FirstOrDefault(entry => entry.Id == InstanceEndpoints.Number(configurationId)) is { } found
            ? ApiAnswer.Json(InstanceConfigurationBody.From(instance, found))
            : NoEntry(configurationId);
    }

    private static async Task<IResult> ChangeAsync(string id, string configurationId, HttpRequest request, InstanceOperations operations)
    {
        var (json, unreadable) = await RequestBody.ReadAsync(request);
        if (unreadable is not null)
            return unreadable;
        if (!json!.TryGetPropertyValue("propertyValue", out var value))
            return ApiFailure.BadRequest("propertyValue is required");

        var (entry, instance) = operations.SetValue(
            InstanceEndpoints.Number(id), InstanceEndpoints.Number(configurationId), InstanceDraft.AsText(value));
        if (instance is null)
            return ApiFailure.NoInstance(id);
        return entry is null ? NoEntry(configurationId) : ApiAnswer.Json(InstanceConfigurationBody.From(instance, entry));
    }

    private static ApiFailure NoEntry(string configurationId) =>
        ApiFailure.NotFound($"No element instance configuration found with ID {configurationId}");
}
