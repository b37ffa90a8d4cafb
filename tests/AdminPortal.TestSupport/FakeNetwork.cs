using System.Net;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Attempts.Consent;

namespace AdminPortal.TestSupport;

/// <summary>Name lookup and callback probe with configurable answers: tests need no network.</summary>
public sealed class FakeNetwork : INameLookup, ICallbackProbe, IHostAddresses
{
    /// <summary>An address of the public internet; nothing is ever sent there.</summary>
    public static readonly IPAddress Somewhere = IPAddress.Parse("8.8.4.4");

    public List<string> Resolved { get; } = [];

    public Func<string, Task<IReadOnlyList<IPAddress>>> OnResolve { get; set; } = _ => Task.FromResult<IReadOnlyList<IPAddress>>([Somewhere]);

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

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Resolved.Add(host);
        return OnResolve(host);
    }
}
