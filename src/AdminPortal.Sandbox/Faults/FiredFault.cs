namespace AdminPortal.Sandbox.Faults;

/// <summary>The fault that met this request, and what is left to do with its answer.</summary>
/// <param name="Fault">The fault.</param>
/// <param name="Text">What was done, for the journal.</param>
internal sealed record FiredFault(Fault Fault, string Text)
{
    public bool Drops => Fault.Drop is not FaultDrop.None;

    public bool Cuts => Fault.Body is FaultShape.Cut;

    public int SlowSeconds => Fault.SlowBodySeconds ?? 0;

    /// <summary>The answer repeats what was sent: no name tells what in it is secret.</summary>
    public bool Repeats => Fault.Echo;
}
