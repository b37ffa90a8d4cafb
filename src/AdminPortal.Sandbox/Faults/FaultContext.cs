namespace AdminPortal.Sandbox.Faults;

internal static class FaultContext
{
    /// <summary>The fault of this kind that met the request; null when none did.</summary>
    public static Fault? FaultOf(this HttpContext context, FaultKind kind) =>
        context.Features.Get<Fault>() is { } fault && fault.Kind == kind ? fault : null;
}
