using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

/// <summary><c>/instances/{id}/configuration</c>, and the same by token.</summary>
internal static class InstanceConfigurationEndpoints
{
    public static void MapInstanceConfiguration(this IEndpointRouteBuilder api)
    {
        Map(api.MapGroup("/instances/{id}/configuration").RequireOrganization());
        Map(api.MapGroup("/instances/configuration").RequireToken());
    }

    private static void Map(RouteGroupBuilder configuration)
    {
        configuration.MapGet(string.Empty, (Target target) =>
            target.Instance is { } instance ? ApiAnswer.Json(InstanceConfigurationBody.From(instance)) : target.Missing);
        configuration.MapGet("/{configurationId}", One);
        configuration.MapPatch(string.Empty, ChangeSomeAsync);
        configuration.MapPatch("/{configurationId}", ChangeOneAsync);
    }

    private static IResult One(Target target, string configurationId)
    {
        if (target.Instance is not { } instance)
            return target.Missing;
        return Entry(instance, configurationId) is { } found
            ? ApiAnswer.Json(InstanceConfigurationBody.From(instance, found))
            : NoEntry(configurationId);
    }

    private static async Task<IResult> ChangeOneAsync(Target target, string configurationId, HttpRequest request, InstanceOperations operations)
    {
        var (json, unreadable) = await RequestBody.ReadAsync(request);
        if (unreadable is not null)
            return unreadable;
        if (!json!.TryGetPropertyValue("propertyValue", out var value))
            return ApiFailure.BadRequest("propertyValue is required");
        if (target.Instance is not { } instance)
            return target.Missing;
        if (Entry(instance, configurationId) is not { } entry)
            return NoEntry(configurationId);

        var (changed, refused) = operations.SetValues(instance.Id, new Dictionary<string, string?> { [entry.Key] = InstanceDraft.AsText(value) });
        return refused ?? One(target with { Instance = changed }, configurationId);
    }

    // The swagger names the verb on the whole configuration and not its body. Taken here: a list of entries as GET gives them, each by
    // its id or its key; all of them or none.
    private static async Task<IResult> ChangeSomeAsync(Target target, HttpRequest request, InstanceOperations operations)
    {
        var (list, unreadable) = await RequestBody.ReadListAsync(request);
        if (unreadable is not null)
            return unreadable;
        if (target.Instance is not { } instance)
            return target.Missing;

        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var item in list!)
        {
            if (item is not JsonObject given || !given.TryGetPropertyValue("propertyValue", out var value))
                return ApiFailure.BadRequest("Each entry must be an object with id or key, and propertyValue");
            var (id, key) = (InstanceDraft.AsText(given["id"]), InstanceDraft.AsText(given["key"]));
            if ((id is null ? ByKey(instance, key) : Entry(instance, id)) is not { } entry)
                return NoEntry(id ?? key ?? "null");
            values[entry.Key] = InstanceDraft.AsText(value);
        }

        var (changed, refused) = operations.SetValues(instance.Id, values);
        return refused ?? ApiAnswer.Json(InstanceConfigurationBody.From(changed!));
    }

    private static ConfigurationEntry? Entry(Instance instance, string id) =>
        Of(instance, entry => entry.Id == InstanceEndpoints.Number(id));

    private static ConfigurationEntry? ByKey(Instance instance, string? key) => Of(instance, entry => entry.Key == key);

    private static ConfigurationEntry? Of(Instance instance, Func<ConfigurationEntry, bool> wanted) =>
        instance.Configuration.Where(wanted).Select(entry => (ConfigurationEntry?)entry).FirstOrDefault();

    private static ApiFailure NoEntry(string configurationId) =>
        ApiFailure.NotFound($"No element instance configuration found with ID {configurationId}");
}
