using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Attempts.Search;
using AdminPortal.Provisioning.Background;

namespace AdminPortal.Provisioning.Attempts.Exchange;

/// <summary>Gives each attempt that is due to the class that does its task.</summary>
internal sealed class Provisioner(DueAttempts due, CodeExchange exchange, UnansweredSearch unanswered, LateSearch late, AttemptVerification verification) : IDueWork
{
    /// <inheritdoc />
    public static string Subject => "attempt";

    /// <inheritdoc />
    public static ChangeTopic Topic => ChangeTopic.Attempts;

    /// <inheritdoc />
    public static int MaxAtOnce => 8;

    /// <inheritdoc />
    public async Task<IEnumerable<DueItem>> FindDueItemsAsync(CancellationToken stoppingToken) =>
        (await FindDueAsync(stoppingToken).ConfigureAwait(false)).Select(item => new DueItem(item.Id, stopping => WorkAsync(item.Id, item.State, stopping)));

    /// <inheritdoc cref="DueAttempts.FindDueAsync"/>
    public Task<IReadOnlyList<(Guid Id, AttemptState State)>> FindDueAsync(CancellationToken cancellationToken) => due.FindDueAsync(cancellationToken);

    /// <summary>Does the work that an attempt is due for.</summary>
    /// <param name="id">The attempt.</param>
    /// <param name="state">The state in which it was due; if it has left that state meanwhile, nothing is done.</param>
    /// <param name="stopping">Stops a search; a request that changes something is waited for.</param>
    public Task WorkAsync(Guid id, AttemptState state, CancellationToken stopping) => state switch
    {
        AttemptState.CodeReceived => exchange.ExchangeAsync(id),
        AttemptState.Ambiguous => unanswered.SearchAsync(id, stopping),
        AttemptState.Active => verification.VerifyAsync(id, stopping),
        AttemptState.Failed => late.SearchAsync(id, stopping),
        _ => due.RunOutAsync(id, stopping),
    };
}
