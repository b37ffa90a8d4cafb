namespace AdminPortal.Sandbox.Faults;

/// <summary>The fault that met this request.</summary>
internal sealed record FiredFault(FaultDrop Drop, string Text);
