using System.Globalization;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

internal static class InstanceEndpoints
{
    public static void MapInstances(this IEndpointRouteBuilder api)
    {
        var guarded = api.MapGroup(string.Empty).RequireOrganization();
        guarded.MapPost("/instances", (HttpRequest request, InstanceOperations operations) => CreateAsync(null, request, operations));
        guarded.MapPost("/elements/{keyOrId}/instances", (string keyOrId, HttpRequest request, InstanceOperations operations) =>
            CreateAsync(keyOrId, request, operations));
        guarded.MapGet("/instances", (HttpContext http, Tenant tenant) => List(http, tenant.Instances()));
        guarded.MapGet("/instances/count", (Tenant tenant) => ApiAnswer.Json(new CountBody(tenant.Count, tenant.Count)));
        guarded.MapGet("/elements/{keyOrId}/instances", ListOfElement);
        guarded.MapGet("/instances/{id}", Get);
        guarded.MapPut("/instances/{id}", UpdateAsync);
        guarded.MapPatch("/instances/{id}", UpdateAsync);
        guarded.MapDelete("/instances/{id}", Delete);
        guarded.MapPut("/instances/{id}/enabled", (string id, Tenant tenant) => SetDisabled(id, tenant, false));
        guarded.MapDelete("/instances/{id}/enabled", (string id, Tenant tenant) => SetDisabled(id, tenant, true));
    }

    /// <summary>Ids are numbers; anything else is the id of nothing, and -1 is never one.</summary>
    public static long Number(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static async Task<IResult> CreateAsync(string? elementInPath, HttpRequest request, InstanceOperations operations)
    {
        var (json, unreadable) = await RequestBody.ReadAsync(request);
        if (unreadable is not null)
            return unreadable;
        var (draft, malformed) = InstanceDraft.From(json!);
        if (malformed is not null)
            return malformed;
        var (instance, refused) = operations.Create(draft!, elementInPath);
        return refused ?? ApiAnswer.Json(InstanceBody.From(instance!));
    }

    private static async Task<IResult> UpdateAsync(string id, HttpRequest request, InstanceOperations operations, Tenant tenant)
    {
        var (json, unreadable) = await RequestBody.ReadAsync(request);
        if (unreadable is not null)
            return unreadable;
        if (tenant.Find(Number(id)) is null)
            return ApiFailure.NoInstance(id);
        var (draft, malformed) = InstanceDraft.From(json!);
        if (malformed is not null)
            return malformed;
        var codeRequired = string.Equals(request.Query["reAuthenticate"], "true", StringComparison.OrdinalIgnoreCase);
        var (instance, refused) = operations.Update(Number(id), draft!, codeRequired);
        return refused ?? ApiAnswer.Json(InstanceBody.From(instance!));
    }

    private static IResult Get(string id, Tenant tenant) =>
        tenant.Find(Number(id)) is { } instance ? ApiAnswer.Json(InstanceBody.From(instance)) : ApiFailure.NoInstance(id);

    private static IResult Delete(string id, Tenant tenant) =>
        tenant.Remove(Number(id)) ? ApiAnswer.Empty() : ApiFailure.NoInstance(id);

    private static IResult SetDisabled(string id, Tenant tenant, bool disabled) =>
        tenant.Change(Number(id), instance => instance with { Disabled = disabled }) is null
            ? ApiFailure.NoInstance(id)
            : ApiAnswer.Empty();

    private static IResult ListOfElement(string keyOrId, HttpContext http, Tenant tenant)
    {
        if (ElementCatalog.Find(keyOrId) is not { } element)
            return ApiFailure.NoElement(keyOrId);
        return List(http, tenant.Instances().Where(instance => instance.ElementKey == element.Key));
    }

    private static IResult List(HttpContext http, IEnumerable<Instance> instances)
    {
        var (query, failure) = InstanceQuery.From(http.Request.Query);
        if (failure is not null)
            return failure;

        var matching = instances.Where(query!.Matches).ToArray();
        var rest = matching.Where(instance => instance.Id > query.After).ToArray();
        var page = rest.Take(query.PageSize).ToArray();

        // The platform's way of saying "none": not an empty list.
        if (page.Length == 0)
            return ApiFailure.NotFound("No element instances found");

        var headers = http.Response.Headers;
        headers["Elements-Total-Count"] = matching.Length.ToString(CultureInfo.InvariantCulture);
        headers["Elements-Returned-Count"] = page.Length.ToString(CultureInfo.InvariantCulture);
        if (rest.Length > page.Length)
            headers["elements-next-page-token"] = InstanceQuery.CursorAfter(page[^1]);
        return ApiAnswer.Json(page.Select(instance => InstanceBody.From(instance, query.Hydrate)));
    }
}
