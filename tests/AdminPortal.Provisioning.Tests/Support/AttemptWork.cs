using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Attempts.Exchange;
using AdminPortal.Provisioning.Attempts.Search;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>What the worker does with an attempt, one step at a time.</summary>
internal sealed class AttemptWork(TestPortal portal)
{
    public Task<IReadOnlyList<(Guid Id, AttemptState State)>> FindDueAsync(CancellationToken cancellationToken) => portal.Get<Provisioner>().FindDueAsync(cancellationToken);

    public Task WorkAsync(Guid id, AttemptState state, CancellationToken cancellationToken) => portal.Get<Provisioner>().WorkAsync(id, state, cancellationToken);

    public Task ExchangeAsync(Guid id) => portal.Get<CodeExchange>().ExchangeAsync(id);

    public Task SearchAsync(Guid id, CancellationToken cancellationToken) => portal.Get<UnansweredSearch>().SearchAsync(id, cancellationToken);

    public Task VerifyAsync(Guid id, CancellationToken cancellationToken) => portal.Get<AttemptVerification>().VerifyAsync(id, cancellationToken);
}
