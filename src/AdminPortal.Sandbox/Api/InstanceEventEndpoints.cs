using System.Globalization;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Api;

/// <summary>
/// <c>/instances/{id}/events</c>, and the same by token. While events are on, each poll finds one: they follow from the time since they
/// were turned on, and nothing is kept or sent.
/// </summary>
internal static class InstanceEventEndpoints
{
    private const int LargestPage = 200;
    private const int StandardMinutes = 15;

    public static void MapInstanceEvents(this IEndpointRouteBuilder api)
    {
        Map(api.MapGroup("/instances/{id}/events").RequireOrganization());
        Map(api.MapGroup("/instances/events").RequireToken());
    }

    private static void Map(RouteGroupBuilder events)
    {
        events.MapGet(string.Empty, All);
        events.MapGet("/{eventId}", One);
    }

    private static IResult All(Target target, HttpRequest request, SandboxClock clock)
    {
        if (target.Instance is not { } instance)
            return target.Missing;
        if (!InstanceQuery.TryPageSize(request.Query, out var pageSize))
            return InstanceQuery.WrongPageSize;

        // The newest first, one page and no more: how the platform pages events is not documented.
        var newest = Newest(instance, clock.GetUtcNow());
        var page = Enumerable.Range(0, (int)Math.Min(newest, Math.Min(pageSize, LargestPage)))
            .Select(back => Event(instance, newest - back))
            .ToArray();

        // That an empty list is a 404 here as elsewhere, and its noun, are guesses.
        if (page.Length == 0)
            return ApiFailure.NotFound("No events found");
        request.HttpContext.Response.Headers["Elements-Returned-Count"] = page.Length.ToString(CultureInfo.InvariantCulture);
        return ApiAnswer.Json(page);
    }

    private static IResult One(Target target, string eventId, SandboxClock clock)
    {
        if (target.Instance is not { } instance)
            return target.Missing;
        var dash = eventId.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && InstanceEndpoints.Number(eventId[..dash]) == instance.Id
            && InstanceEndpoints.Number(eventId[(dash + 1)..]) is >= 1 and var number
            && number <= Newest(instance, clock.GetUtcNow())
                ? ApiAnswer.Json(Event(instance, number))
                : ApiFailure.NotFound($"No event found with ID {eventId}");
    }

    private static long Newest(Instance instance, DateTimeOffset now) =>
        instance.EventsSince is { } since && now > since ? (long)((now - since) / Interval(instance)) : 0;

    private static TimeSpan Interval(Instance instance) =>
        int.TryParse(instance.Value(ConfigurationKeys.PollerMinutes), NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes > 0
            ? TimeSpan.FromMinutes(minutes)
            : TimeSpan.FromMinutes(StandardMinutes);

    private static EventBody Event(Instance instance, long number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{instance.Id}-{number}");
        var at = WireFormat.Date(instance.EventsSince!.Value + (Interval(instance) * number));
        var resource = ElementCatalog.Find(instance.ElementKey)!.Resource;
        var (type, record) = (number == 1 ? "CREATED" : "UPDATED", (number % RecordStore.InitialRecords) + 1);
        var notified = new EventObjectBody(record.ToString(CultureInfo.InvariantCulture), resource, type);
        var providerData = string.Create(CultureInfo.InvariantCulture, $$"""{"{{resource}}":[{"id":{{record}}}]}""");
        return new EventBody(
            id, at, "NOTIFIED", providerData, [notified], [new EventInstanceBody(id, instance.Id, "n-" + id, [notified], at, at)]);
    }
}
