using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Faults;

/// <summary>The test lever for instances: made, changed and deleted without the API, so that a client's picture of them is out of date.</summary>
internal static class InstanceLeverEndpoints
{
    private const string Path = "/sandbox/instances";

    public static void MapInstanceLevers(this IEndpointRouteBuilder app)
    {
        app.MapPost(Path, CreateAsync);
        app.MapPost(Path + "/{id}", ChangeAsync);
        app.MapDelete(Path + "/{id}", (string id, Tenant tenant, RecordStore records) =>
        {
            if (!tenant.Remove(InstanceEndpoints.Number(id)))
                return Unknown(id);
            records.Forget(InstanceEndpoints.Number(id));
            return Results.NoContent();
        });
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, Tenant tenant, InstanceOperations operations, SandboxClock clock)
    {
        var (lever, draft, problem) = await ReadAsync(request);
        if (problem is not null)
            return LeverBody.Wrong(problem);
        if (ElementCatalog.Find(lever!.Element) is not { } element)
            return LeverBody.Wrong("element must be the key of an element such as infusionsoftrest.");
        var instance = operations.CreateUnasked(element, draft!);
        return Changed(instance.Id, lever, draft!, tenant, operations, clock);
    }

    private static async Task<IResult> ChangeAsync(string id, HttpRequest request, Tenant tenant, InstanceOperations operations, SandboxClock clock)
    {
        var (lever, draft, problem) = await ReadAsync(request);
        if (problem is not null)
            return LeverBody.Wrong(problem);
        return lever!.Element is not null
            ? LeverBody.Wrong("element can be said of a new instance only.")
            : Changed(InstanceEndpoints.Number(id), lever, draft!, tenant, operations, clock);
    }

    private static async Task<(InstanceLever? Lever, InstanceDraft? Draft, string? Problem)> ReadAsync(HttpRequest request)
    {
        var (lever, problem) = await LeverBody.ReadAsync<InstanceLever>(request, InstanceLever.Form);
        if (problem is not null)
            return (null, null, problem);
        if (!lever!.TryRefreshTime(out _))
            return (null, null, "refreshTime must be a time in ISO 8601 or milliseconds since 1970.");
        var (draft, malformed) = InstanceDraft.From(lever.Body);
        return malformed is null && draft!.Name is not { Length: 0 }
            ? (lever, draft, null)
            : (null, null, $"The body must have the form {InstanceLever.Form}");
    }

    private static IResult Changed(
        long id, InstanceLever lever, InstanceDraft draft, Tenant tenant, InstanceOperations operations, SandboxClock clock)
    {
        lever.TryRefreshTime(out var refreshTime);
        var values = new Dictionary<string, string?>(draft.Configuration, StringComparer.Ordinal);
        if (refreshTime is not null)
            values[ConfigurationKeys.RefreshTime] = refreshTime;
        var changed = tenant.Change(id, instance => operations.WithConfiguration(instance, values) with
        {
            Name = draft.Name ?? instance.Name,
            Tags = draft.Tags ?? instance.Tags,
            Disabled = lever.Disabled ?? instance.Disabled,
            Valid = lever.Valid ?? instance.Valid,
            FailedRefreshes = refreshTime is null ? instance.FailedRefreshes : 0,
        });
        return changed is null
            ? Unknown(id.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : Results.Json(InstanceBody.From(changed, clock.GetUtcNow()), WireFormat.Json);
    }

    private static IResult Unknown(string id) =>
        Results.Json(new ErrorText($"There is no instance {id}."), WireFormat.Json, statusCode: StatusCodes.Status404NotFound);
}
