using System.Threading.RateLimiting;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>
/// Signing in with a password such that neither the answer nor the time it takes tells whether there is somebody of
/// that name: each try costs the hash of one password, and no refusal comes before a time that all of them keep.
/// </summary>
public sealed class SignInDoor(SignInManager<PortalUser> signIn, IPasswordHasher<PortalUser> hasher, SignInNames names, SignInWays ways, TimeProvider clock)
{
    /// <summary>The time that a refusal takes at the least: what the database does for a person who exists disappears in it.</summary>
    public static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(500);

    private static readonly PortalUser Nobody = new();

    private static string? nobodysHash;

    /// <summary>Signs in, or not.</summary>
    /// <param name="email">What was entered as the name, trimmed.</param>
    /// <param name="password">What was entered as the password.</param>
    /// <param name="response">Told when to come back where the name was tried too often.</param>
    /// <param name="cancellationToken">Cancels the wait, not the try.</param>
    /// <returns>What came of it, which is never success where passwords are not taken, or that a second step is needed, which only the right password tells; null where the name was tried too often to look at this one.</returns>
    public async Task<SignInResult?> TryAsync(string email, string password, HttpResponse? response, CancellationToken cancellationToken)
    {
        using var lease = names.Try(signIn.UserManager.NormalizeName(email));
        if (!lease.IsAcquired)
        {
            if (response is not null)
            {
                response.StatusCode = StatusCodes.Status429TooManyRequests;
                _ = RateLimits.WriteRetryAfter(response, lease);
            }

            return null;
        }

        var started = clock.GetTimestamp();
        nobodysHash ??= hasher.HashPassword(Nobody, "nobody");
        var result = ways.TakesPasswords ? await TryAsync(email, password) : SignInResult.NotAllowed;
        if (!result.Succeeded && !result.RequiresTwoFactor && RefusalTime - clock.GetElapsedTime(started) is { Ticks: > 0 } rest) await Task.Delay(rest, clock, cancellationToken);
        return result;
    }

    private async Task<SignInResult> TryAsync(string email, string password)
    {
        if (await signIn.UserManager.FindByNameAsync(email) is not { } person)
        {
            Hash(password);
            return SignInResult.Failed;
        }

        var wasLocked = await signIn.UserManager.IsLockedOutAsync(person);
        var result = await signIn.PasswordSignInAsync(person, password, isPersistent: true, lockoutOnFailure: true);
        // Whom the framework turns away before it looks at the password.
        if (wasLocked || result.IsNotAllowed) Hash(password);
        return result;
    }

    private void Hash(string password) => _ = hasher.VerifyHashedPassword(Nobody, nobodysHash!, password);
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
