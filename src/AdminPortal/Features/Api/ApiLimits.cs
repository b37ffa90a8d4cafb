using System.Net;
using System.Threading.RateLimiting;
using AdminPortal.Hosting;

namespace AdminPortal.Features.Api;

/// <summary>How often a token may call, and how often an address may be turned away.</summary>
internal sealed class ApiLimits : IDisposable
{
    /// <summary>How many calls a token has at once; ten come back every second.</summary>
    public const int Calls = 600;

    /// <summary>How many refusals an address has at once; one comes back every second.</summary>
    public const int Refusals = 60;

    // Both forget by themselves whoever leaves them alone.
    private readonly PartitionedRateLimiter<Guid> _calls = PartitionedRateLimiter.Create<Guid, Guid>(token => RateLimitPartition.GetTokenBucketLimiter(
        token, _ => new TokenBucketRateLimiterOptions { TokenLimit = Calls, TokensPerPeriod = 50, ReplenishmentPeriod = TimeSpan.FromSeconds(5), QueueLimit = 0 }));

    private readonly PartitionedRateLimiter<string> _refusals = PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetTokenBucketLimiter(
        address, _ => new TokenBucketRateLimiterOptions { TokenLimit = Refusals, TokensPerPeriod = 5, ReplenishmentPeriod = TimeSpan.FromSeconds(5), QueueLimit = 0 }));

    /// <summary>Takes one call of a token.</summary>
    public RateLimitLease Call(Guid token) => _calls.AttemptAcquire(token);

    /// <summary>Takes one refusal of an address. A token that works is not held up by those beside it that do not.</summary>
    public RateLimitLease Refuse(IPAddress? address) => _refusals.AttemptAcquire(RateLimits.Whose(address));

    public void Dispose()
    {
        _calls.Dispose();
        _refusals.Dispose();
    }
}
