using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Faults;

/// <summary>The test levers: faults and the clock.</summary>
internal static class FaultEndpoints
{
    private const string FaultsPath = "/sandbox/faults";
    private const string ClockPath = "/sandbox/clock";

    public static void MapFaults(this IEndpointRouteBuilder app)
    {
        app.MapGet(FaultsPath, (FaultQueue faults) => Results.Json(faults.Waiting(), WireFormat.Json));
        app.MapPost(FaultsPath, async (HttpRequest request, FaultQueue faults) =>
        {
            var (fault, problem) = await LeverBody.ReadAsync<Fault>(request, Fault.Form);
            problem ??= fault!.Problem();
            if (problem is not null)
                return LeverBody.Wrong(problem);
            faults.Add(fault!);
            return Results.Json(faults.Waiting(), WireFormat.Json);
        });
        app.MapDelete(FaultsPath + "/{id:long}", (long id, FaultQueue faults) => faults.Remove(id)
            ? Results.NoContent()
            : Results.Json(new ErrorText("No such fault is waiting."), WireFormat.Json, statusCode: StatusCodes.Status404NotFound));
        app.MapDelete(FaultsPath, (FaultQueue faults) =>
        {
            faults.Clear();
            return Results.NoContent();
        });
    }

    public static void MapClock(this IEndpointRouteBuilder app)
    {
        app.MapGet(ClockPath, Now);
        app.MapPost(ClockPath, async (HttpRequest request, SandboxClock clock) =>
        {
            var (move, problem) = await LeverBody.ReadAsync<ClockMove>(request, ClockMove.Form);
            problem ??= move!.Problem();
            if (problem is not null)
                return LeverBody.Wrong(problem);
            clock.Advance(TimeSpan.FromSeconds(move!.AdvanceSeconds));
            return Now(clock);
        });
        app.MapDelete(ClockPath, (SandboxClock clock) =>
        {
            clock.Reset();
            return Now(clock);
        });
    }

    private static IResult Now(SandboxClock clock) =>
        Results.Json(new ClockBody(clock.GetUtcNow(), clock.Offset.TotalSeconds), WireFormat.Json);
}
