using AdminPortal.Provisioning.Attempts;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>A name service and a way back that answer as they are told: tests never need a network.</summary>
internal sealed class FakeNetwork : INameLookup, ICallbackProbe
{
    public List<string> LookedUp { get; } = [];

    public int Probes { get; private set; }

    public Func<CancellationToken, Task<NameAnswer>> OnLookUp { get; set; } = _ => Task.FromResult(NameAnswer.Known);

    public Func<CancellationToken, Task<ProbeAnswer>> OnProbe { get; set; } = _ => Task.FromResult(ProbeAnswer.Portal);

    public Task<NameAnswer> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        LookedUp.Add(host);
        return OnLookUp(cancellationToken);
    }

    public Task<ProbeAnswer> ProbeAsync(CancellationToken cancellationToken)
    {
        Probes++;
        return OnProbe(cancellationToken);
    }
}
