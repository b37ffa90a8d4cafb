using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Api;

/// <summary><c>/instances/{id}/trace-logging</c>, and the same by token. Nothing is traced: only the switch and its time are simulated.</summary>
internal static class TraceLoggingEndpoints
{
    private const int StandardMinutes = 30;

    // A week. The documents name no limit.
    private const int MostMinutes = 7 * 24 * 60;

    public static void MapTraceLogging(this IEndpointRouteBuilder api)
    {
        Map(api.MapGroup("/instances/{id}/trace-logging").RequireOrganization());
        Map(api.MapGroup("/instances/trace-logging").RequireToken());
    }

    private static void Map(RouteGroupBuilder tracing)
    {
        tracing.MapPut(string.Empty, StartAsync);
        tracing.MapDelete(string.Empty, (Target target, Tenant tenant) => Set(target, tenant, null));
    }

    private static async Task<IResult> StartAsync(Target target, HttpRequest request, Tenant tenant, SandboxClock clock)
    {
        var minutes = StandardMinutes;
        if (request.Body.Length > 0)
        {
            var (json, unreadable) = await RequestBody.ReadAsync(request);
            if (unreadable is not null)
                return unreadable;
            if (json!["duration"] is { } duration && !IsMinutes(duration, out minutes))
                return ApiFailure.BadRequest($"duration must be a number of minutes from 1 to {MostMinutes}");
        }

        return Set(target, tenant, clock.GetUtcNow() + TimeSpan.FromMinutes(minutes));
    }

    private static bool IsMinutes(JsonNode duration, out int minutes)
    {
        minutes = 0;
        return duration.GetValueKind() == JsonValueKind.Number && duration.AsValue().TryGetValue(out minutes) && minutes is >= 1 and <= MostMinutes;
    }

    private static IResult Set(Target target, Tenant tenant, DateTimeOffset? until) =>
        target.Instance is { } instance && tenant.Change(instance.Id, current => current with { TracedUntil = until }) is not null
            ? ApiAnswer.Empty()
            : target.Missing;
}
