using System.Security.Claims;
using System.Threading.RateLimiting;
using AdminPortal.Access;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>
/// The first step of signing in. Neither the answer nor its time tells whether an address belongs to a user: each attempt costs
/// the hash of one password, and no refusal comes before <see cref="RefusalTime"/>.
/// </summary>
public sealed class SignInDoor(SignInManager<PortalUser> signIn, SignInSteps steps, SignInTries tries, SignInWays ways, PasswordVerifier passwords, PortalAddresses addresses, TimeProvider clock)
{
    /// <summary>The least time that a refusal takes: the database's time for an existing user disappears in it.</summary>
    public static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Signs in, or not.</summary>
    /// <param name="email">The address as entered.</param>
    /// <param name="password">The password as entered.</param>
    /// <param name="request">The request. Its answer says when to come back where the address was tried too often.</param>
    /// <param name="cancellationToken">Cancels the wait, not the attempt.</param>
    /// <returns>
    /// The state, which is never <see cref="SignInStepState.Done"/> where passwords are switched off, and the user, if the state is
    /// Done or NeedsSecondStep. Null where the address was tried too often to evaluate this attempt.
    /// </returns>
    public async Task<(SignInStepState State, PortalUser? User)?> TryAsync(string email, string password, HttpContext request, CancellationToken cancellationToken)
    {
        var cookie = KnownBrowserCookie.Read(request, addresses);
        using var lease = await tries.TakeAsync(email, cookie, request.Response, cancellationToken);
        if (lease is null) return null;
        var started = clock.GetTimestamp();
        if (ways.TakesPasswords && await steps.FindAsync(email, CancellationToken.None) is { } user)
        {
            var needsSecondStep = await signIn.IsTwoFactorEnabledAsync(user);
            var state = await steps.TryPasswordAsync(user, password, needsSecondStep, cookie, CancellationToken.None);
            if (state == SignInStepState.NeedsSecondStep) await SecondStepTicket.GiveAsync(request, user);
            if (state == SignInStepState.Done) await signIn.SignInWithClaimsAsync(user, isPersistent: true, [new Claim("amr", "pwd")]);
            if (state is SignInStepState.NeedsSecondStep or SignInStepState.Done) return (state, user);
            await WaitAsync(clock, started, cancellationToken);
            return (state, null);
        }

        if (ways.TakesPasswords) passwords.Waste(password);
        await WaitAsync(clock, started, cancellationToken);
        return (SignInStepState.Refused, null);
    }

    /// <summary>Waits until a refusal has taken <see cref="RefusalTime"/>.</summary>
    internal static async Task WaitAsync(TimeProvider clock, long started, CancellationToken cancellationToken)
    {
        if (RefusalTime - clock.GetElapsedTime(started) is { Ticks: > 0 } rest) await Task.Delay(rest, clock, cancellationToken);
    }
}

/// <summary>How often each name is tried, whether there is somebody of it or not.</summary>
public sealed class SignInNames : IDisposable
{
    // Forgets a name by itself once it has been left alone.
    private readonly PartitionedRateLimiter<string> _tries = PartitionedRateLimiter.Create<string, string>(name => RateLimitPartition.GetTokenBucketLimiter(
        name, _ => new TokenBucketRateLimiterOptions { TokenLimit = Tries, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(30), QueueLimit = 0 }));

    /// <summary>How many tries a name has at once; one more comes back every half minute.</summary>
    public const int Tries = 20;

    /// <summary>Takes one try.</summary>
    public RateLimitLease Try(string name) => _tries.AttemptAcquire(name);

    /// <inheritdoc />
    public void Dispose() => _tries.Dispose();
}

/// <summary>Takes a try of an address. A browser that its user has signed in with has tries of its own, for when strangers have used up the others.</summary>
public sealed class SignInTries(SignInNames names, SignInSteps steps)
{
    /// <summary>Takes one try.</summary>
    /// <param name="email">The address as entered.</param>
    /// <param name="cookie">The cookie of a known browser, if there is one.</param>
    /// <param name="response">The answer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null if no try is left: then the answer has status 429 and says when to come back.</returns>
    public async Task<RateLimitLease?> TakeAsync(string email, string? cookie, HttpResponse response, CancellationToken cancellationToken)
    {
        var lease = await TryAsync(email, cookie, cancellationToken);
        if (lease.IsAcquired) return lease;
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        _ = RateLimits.WriteRetryAfter(response, lease);
        lease.Dispose();
        return null;
    }

    private async Task<RateLimitLease> TryAsync(string email, string? cookie, CancellationToken cancellationToken)
    {
        var key = EmailAddress.Key(email);
        var lease = names.Try(key);
        if (lease.IsAcquired || await steps.FindKnownBrowserAsync(email, cookie, cancellationToken) is not { } browser) return lease;
        lease.Dispose();
        return names.Try($"{key} {browser}");
    }
}
