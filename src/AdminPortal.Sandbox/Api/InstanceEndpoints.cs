using System.Globalization;
using AdminPortal.Sandbox.Faults;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

internal static class InstanceEndpoints
{
    private const string ReturnedCount = "Elements-Returned-Count";
    private const string NextPageToken = "elements-next-page-token";

    public static void MapInstances(this IEndpointRouteBuilder api)
    {
        var guarded = api.MapGroup(string.Empty).RequireOrganization();
        guarded.MapPost("/instances", (HttpRequest request, InstanceOperations operations, SandboxClock clock) =>
            CreateAsync(null, request, operations, clock));
        guarded.MapPost("/elements/{keyOrId}/instances", (string keyOrId, HttpRequest request, InstanceOperations operations, SandboxClock clock) =>
            CreateAsync(keyOrId, request, operations, clock));
        guarded.MapGet("/instances", (HttpContext http, Tenant tenant, SandboxClock clock) => List(http, tenant, clock, null));
        guarded.MapGet("/instances/count", Count);
        guarded.MapGet("/elements/{keyOrId}/instances", ListOfElement);
        guarded.MapGet("/instances/{id}", (Target target, SandboxClock clock) =>
            target.Instance is { } instance ? ApiAnswer.Json(InstanceBody.From(instance, clock.GetUtcNow())) : target.Missing);
        MapChanges(guarded.MapGroup("/instances/{id}"));
        MapChanges(api.MapGroup("/instances").RequireToken());
    }

    private static void MapChanges(RouteGroupBuilder instance)
    {
        instance.MapPut(string.Empty, UpdateAsync);
        instance.MapPatch(string.Empty, UpdateAsync);
        instance.MapDelete(string.Empty, Delete);
        instance.MapPut("/enabled", (Target target, InstanceOperations operations) => SetDisabled(target, operations, false));
        instance.MapDelete("/enabled", (Target target, InstanceOperations operations) => SetDisabled(target, operations, true));
    }

    /// <summary>Ids are numbers; anything else is the id of nothing, and -1 is never one.</summary>
    public static long Number(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static async Task<IResult> CreateAsync(
        string? elementInPath, HttpRequest request, InstanceOperations operations, SandboxClock clock)
    {
        var (json, unreadable) = await RequestBody.ReadAsync(request);
        if (unreadable is not null)
            return unreadable;
        var (draft, malformed) = InstanceDraft.From(json!);
        if (malformed is not null)
            return malformed;
        var late = request.HttpContext.FaultOf(FaultKind.AppearLate)?.Seconds;
        var (instance, refused) = operations.Create(draft!, elementInPath, late is { } seconds ? clock.GetUtcNow().AddSeconds(seconds) : null);
        if (refused is null && request.HttpContext.FaultOf(FaultKind.CreateTwice) is not null)
            operations.Repeat(instance!);
        return refused ?? ApiAnswer.Json(InstanceBody.From(instance!, clock.GetUtcNow()));
    }

    private static async Task<IResult> UpdateAsync(Target target, HttpRequest request, InstanceOperations operations, SandboxClock clock)
    {
        var (json, unreadable) = await RequestBody.ReadAsync(request);
        if (unreadable is not null)
            return unreadable;
        if (target.Instance is not { } found)
            return target.Missing;
        var (draft, malformed) = InstanceDraft.From(json!);
        if (malformed is not null)
            return malformed;
        var codeRequired = string.Equals(request.Query["reAuthenticate"], "true", StringComparison.OrdinalIgnoreCase);
        var (instance, refused) = operations.Update(found.Id, draft!, codeRequired);
        return refused ?? ApiAnswer.Json(InstanceBody.From(instance!, clock.GetUtcNow()));
    }

    private static IResult Delete(Target target, Tenant tenant, RecordStore records)
    {
        if (target.Instance is not { } instance || !tenant.Remove(instance.Id))
            return target.Missing;
        records.Forget(instance.Id);
        return ApiAnswer.Empty();
    }

    private static IResult SetDisabled(Target target, InstanceOperations operations, bool disabled) =>
        target.Instance is { } instance && operations.SetDisabled(instance.Id, disabled) is not null ? ApiAnswer.Empty() : target.Missing;

    private static IResult Count(Tenant tenant)
    {
        var count = tenant.Count;
        return ApiAnswer.Json(new CountBody(count, count));
    }

    private static IResult ListOfElement(string keyOrId, HttpContext http, Tenant tenant, SandboxClock clock) =>
        ElementCatalog.Find(keyOrId) is { } element ? List(http, tenant, clock, element) : ApiFailure.NoElement(keyOrId);

    private static IResult List(HttpContext http, Tenant tenant, SandboxClock clock, ElementDefinition? element)
    {
        var (query, failure) = InstanceQuery.From(http.Request.Query);
        if (failure is not null)
            return failure;
        var headers = http.Response.Headers;
        if (http.FaultOf(FaultKind.ListEmptyPage) is not null)
        {
            headers[ReturnedCount] = "0";
            headers[NextPageToken] = InstanceQuery.CursorAfterEmptyPage(query!.After);
            return ApiAnswer.Json(Array.Empty<InstanceBody>());
        }

        if (http.FaultOf(FaultKind.ListIgnoreTags) is not null)
            query = query! with { Tags = [] };

        // One more than the page holds tells whether there is another page, without looking at the rest.
        var now = clock.GetUtcNow();
        var byOffset = http.FaultOf(FaultKind.ListByOffset) is not null;
        var found = tenant.After(byOffset ? 0 : query!.After)
            .Where(instance => !instance.IsHidden(now) && (element is null || instance.ElementKey == element.Key) && query!.Matches(instance))
            .Skip(byOffset ? (int)Math.Min(query!.After, int.MaxValue) : 0)
            .Take(query!.PageSize + 1)
            .ToArray();

        // The platform's way of saying "none": not an empty list.
        if (found.Length == 0)
            return ApiFailure.NotFound("No element instances found");

        var page = found.Length > query.PageSize ? found[..query.PageSize] : found;
        headers[ReturnedCount] = page.Length.ToString(CultureInfo.InvariantCulture);

        // The whole number only where it costs nothing: of a list without filters, and of one that fits on its first page.
        if (element is null && query.IsUnfiltered)
            headers["Elements-Total-Count"] = tenant.Count.ToString(CultureInfo.InvariantCulture);
        else if (query.After == 0 && found.Length == page.Length)
            headers["Elements-Total-Count"] = page.Length.ToString(CultureInfo.InvariantCulture);
        if (http.FaultOf(FaultKind.ListRepeatedToken) is not null)
            headers[NextPageToken] = InstanceQuery.CursorAfter(query.After);
        else if (found.Length > page.Length)
            headers[NextPageToken] = byOffset ? InstanceQuery.CursorAfter(query.After + page.Length) : InstanceQuery.CursorAfter(page[^1]);
        return ApiAnswer.Json(Array.ConvertAll(page, instance => InstanceBody.From(instance, now, query.Hydrate)));
    }
}
