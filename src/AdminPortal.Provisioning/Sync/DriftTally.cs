namespace AdminPortal.Provisioning.Sync;

/// <summary>Counts what was done.</summary>
internal sealed class DriftTally
{
    public int Done { get; private set; }

    public int Left { get; private set; }

    public string? Reason { get; private set; }

    public void Add(int done) => Done += done;

    public void Leave(string reason)
    {
        Left++;
        Reason ??= reason;
    }
}
