using System.Collections.Concurrent;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>
/// Makes each state usable once. The browser is told to delete the cookie of a used state; this is for one that keeps it.
/// It covers this process only: across processes the authority guarantees that a code works once.
/// </summary>
internal sealed class UsedStates(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);

    /// <summary>Marks a state as used.</summary>
    /// <param name="id">A value that only this state contains.</param>
    /// <param name="until">When the state expires.</param>
    /// <returns>False if it was used before.</returns>
    public bool TryUse(string id, DateTimeOffset until)
    {
        var now = clock.GetUtcNow();
        // Only states that the portal sealed are counted here, and those are limited for each address.
        foreach (var (old, end) in _used)
        {
            if (end < now) _ = _used.TryRemove(old, out _);
        }

        return _used.TryAdd(id, until);
    }
}
