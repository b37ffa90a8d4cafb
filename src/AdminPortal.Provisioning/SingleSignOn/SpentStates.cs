using System.Collections.Concurrent;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>
/// The states that came back already. The browser is told to forget a ticket when it is used; this is for one that does not.
/// It is this process's alone: another one has the authority's word that a code works once.
/// </summary>
internal sealed class SpentStates(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _spent = new(StringComparer.Ordinal);

    /// <summary>Spends a state.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="until">From when on its ticket is too old anyway.</param>
    /// <returns>False where it was spent before.</returns>
    public bool TrySpend(string hash, DateTimeOffset until)
    {
        var now = clock.GetUtcNow();
        // Only tickets of ours come this far, and those are limited for each address.
        foreach (var (old, end) in _spent)
        {
            if (end < now) _ = _spent.TryRemove(old, out _);
        }

        return _spent.TryAdd(hash, until);
    }
}
