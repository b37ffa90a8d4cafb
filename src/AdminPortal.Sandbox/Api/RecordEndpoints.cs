using System.Globalization;
using System.Text.RegularExpressions;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Api;

/// <summary>
/// The records of an instance's provider, with <c>/hubs/{hub}</c> before the path and without, and <c>/objects</c>. User and element
/// token are enough.
/// </summary>
internal static partial class RecordEndpoints
{
    public static void MapRecords(this IEndpointRouteBuilder api)
    {
        foreach (var hub in new[] { string.Empty, "/hubs/{hub}" })
        {
            api.MapGet(hub + "/objects", Objects);
            foreach (var resource in new[] { "contacts", "orders" })
            {
                var records = api.MapGroup($"{hub}/{resource}").AddEndpointFilter((context, next) => OnlyOf(resource, context, next));
                records.MapGet(string.Empty, List);
                records.MapPost(string.Empty, AddAsync);
                records.MapGet("/{recordId}", Get);
                records.MapPatch("/{recordId}", ChangeAsync);
                records.MapDelete("/{recordId}", Remove);
            }
        }
    }

    // The metadata is the platform's own: it answers for a disabled instance too.
    private static IResult Objects(HttpRequest request, Authenticator authenticator) =>
        authenticator.Check(request)?.Instance is { } instance
            ? ApiAnswer.Json(new[] { ElementCatalog.Find(instance.ElementKey)!.Resource })
            : Authenticator.Refusal;

    private static ValueTask<object?> OnlyOf(string resource, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var services = http.RequestServices;
        if (services.GetRequiredService<Authenticator>().Check(http.Request)?.Instance is not { } instance)
            return ValueTask.FromResult<object?>(Authenticator.Refusal);
        if (ElementCatalog.Find(instance.ElementKey)!.Resource != resource)
            return ValueTask.FromResult<object?>(ApiFailure.NotFound($"No resource found at {http.Request.Path}"));
        http.Response.Headers["Elements-Element-Instance-Id"] = instance.Id.ToString(CultureInfo.InvariantCulture);
        return services.GetRequiredService<InstanceOperations>().RefuseCall(instance) is { } refused
            ? ValueTask.FromResult<object?>(refused)
            : next(context);
    }

    private static IResult List(Target target, HttpRequest request, RecordStore store)
    {
        if (!InstanceQuery.TryPageSize(request.Query, out var pageSize))
            return InstanceQuery.WrongPageSize;
        var after = 0L;
        if (request.Query.TryGetValue("nextPage", out var cursor) && !InstanceQuery.TryPosition(cursor.ToString(), out after))
            return ApiFailure.BadRequest("nextPage is not a page token of this list");
        if (!TryWhere(request.Query["where"].ToString(), out var wanted))
            return ApiFailure.BadRequest("where must be of the form field='value', joined with AND");

        var found = store.All(target.Instance!)
            .Where(record => (long)record["id"]! > after && wanted.All(test => InstanceDraft.AsText(record[test.Field]) == test.Value))
            .Take(pageSize + 1)
            .ToArray();
        var page = found.Length > pageSize ? found[..pageSize] : found;
        var headers = request.HttpContext.Response.Headers;
        headers["Elements-Returned-Count"] = page.Length.ToString(CultureInfo.InvariantCulture);
        if (found.Length > page.Length)
            headers["elements-next-page-token"] = InstanceQuery.CursorAfter((long)page[^1]["id"]!);

        // Lists of records are the provider's: empty, they are lists, and only the platform's own are 404. Our reading.
        return ApiAnswer.Json(page);
    }

    private static async Task<IResult> AddAsync(Target target, HttpRequest request, RecordStore store)
    {
        var (json, unreadable) = await RequestBody.ReadAsync(request);
        if (unreadable is not null)
            return unreadable;
        return store.Add(target.Instance!, json!) is { } record
            ? ApiAnswer.Json(record)
            : ApiFailure.BadRequest($"The sandbox keeps at most {RecordStore.MostRecords} records of one instance");
    }

    private static IResult Get(Target target, string recordId, RecordStore store) =>
        store.Find(target.Instance!, InstanceEndpoints.Number(recordId)) is { } record ? ApiAnswer.Json(record) : NoRecord(target, recordId);

    private static async Task<IResult> ChangeAsync(Target target, string recordId, HttpRequest request, RecordStore store)
    {
        var (json, unreadable) = await RequestBody.ReadAsync(request);
        if (unreadable is not null)
            return unreadable;
        return store.Change(target.Instance!, InstanceEndpoints.Number(recordId), json!) is { } record
            ? ApiAnswer.Json(record)
            : NoRecord(target, recordId);
    }

    private static IResult Remove(Target target, string recordId, RecordStore store) =>
        store.Remove(target.Instance!, InstanceEndpoints.Number(recordId)) ? ApiAnswer.Empty() : NoRecord(target, recordId);

    private static ApiFailure NoRecord(Target target, string recordId) =>
        ApiFailure.NotFound($"No {ElementCatalog.Find(target.Instance!.ElementKey)!.Resource} found with ID {recordId}");

    /// <summary>The smallest part of CEQL: equality, joined with AND.</summary>
    private static bool TryWhere(string where, out IReadOnlyList<(string Field, string Value)> tests)
    {
        tests = [];
        if (string.IsNullOrWhiteSpace(where))
            return true;
        if (!Where().IsMatch(where))
            return false;
        tests = [.. Test().Matches(where).Select(test => (test.Groups["field"].Value, test.Groups["value"].Value))];
        return true;
    }

    [GeneratedRegex(@"^\s*\w+\s*=\s*'[^']*'(\s+AND\s+\w+\s*=\s*'[^']*')*\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Where();

    [GeneratedRegex(@"(?<field>\w+)\s*=\s*'(?<value>[^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex Test();
}
