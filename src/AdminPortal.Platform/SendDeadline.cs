namespace AdminPortal.Platform;

/// <summary>The time after which a request must not be sent any more, because another process may have taken over.</summary>
/// <remarks>
/// Two clocks are asked, and the larger elapsed time counts: the one that counts suspension, and the wall clock, which a paused
/// virtual machine is given again when it resumes. A clock that was set back says less and is outvoted by the other one.
/// </remarks>
public sealed class SendDeadline
{
    private readonly ISuspendAwareClock _suspendAware;
    private readonly TimeProvider _wall;
    private readonly TimeSpan _startedAt;
    private readonly DateTimeOffset _startedAtWall;
    private readonly TimeSpan _limit;

    /// <summary>Starts measuring now.</summary>
    /// <param name="suspendAware">The clock that counts suspension.</param>
    /// <param name="wall">The wall clock.</param>
    /// <param name="limit">How long after now a request may still be sent.</param>
    internal SendDeadline(ISuspendAwareClock suspendAware, TimeProvider wall, TimeSpan limit)
    {
        _suspendAware = suspendAware;
        _wall = wall;
        _limit = limit;
        _startedAt = suspendAware.Elapsed;
        _startedAtWall = wall.GetUtcNow();
    }

    /// <summary>Whether it is too late to send.</summary>
    public bool IsPast => _suspendAware.Elapsed - _startedAt > _limit || _wall.GetUtcNow() - _startedAtWall > _limit;
}
