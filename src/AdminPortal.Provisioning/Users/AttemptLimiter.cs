using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Users;

/// <summary>What an attempt to prove an identity is part of. Each has a counter of its own for every user.</summary>
public enum AttemptKind
{
    /// <summary>Signing in: the password, the authenticator code, a recovery code.</summary>
    SignIn,

    /// <summary>A proof inside an open session: re-authentication, revealing a token, changing the sign-in methods.</summary>
    Proof,
}

/// <summary>An attempt that was counted, and may be evaluated.</summary>
/// <param name="UserId">Whose attempt.</param>
/// <param name="Kind">Which counter.</param>
/// <param name="BrowserId">The known browser whose counter it is; null for the user's.</param>
/// <param name="Number">The counter with this attempt: 1 to <see cref="AttemptLimiter.Limit"/>.</param>
public sealed record CountedAttempt(Guid UserId, AttemptKind Kind, Guid? BrowserId, int Number)
{
    /// <summary>Whether no further attempt is evaluated unless this one is right.</summary>
    public bool IsLast => Number >= AttemptLimiter.Limit;
}

/// <summary>
/// Limits how often a password or a code is evaluated: five times, then not for ten minutes. An attempt is counted before it is
/// evaluated, in one conditional update, so that attempts at the same time cannot pass the limit. An attempt that cannot be
/// counted is not evaluated: the exception of the database goes to the caller.
/// </summary>
public sealed class AttemptLimiter(IDbContextFactory<PortalDb> databases, TimeProvider clock)
{
    /// <summary>How many attempts are evaluated.</summary>
    public const int Limit = 5;

    /// <summary>How long none is evaluated after that.</summary>
    public static readonly TimeSpan LockTime = TimeSpan.FromMinutes(10);

    /// <summary>Counts an attempt.</summary>
    /// <param name="user">Whose attempt.</param>
    /// <param name="kind">Which counter.</param>
    /// <param name="browser">The known browser of <see cref="KnownBrowsers.FindAsync"/> that signs in: its attempts are counted apart, so that strangers do not lock it.</param>
    /// <param name="cancellationToken">Cancels before anything is counted.</param>
    /// <returns>The attempt; null if it must not be evaluated.</returns>
    public async Task<CountedAttempt?> BeginAsync(Guid user, AttemptKind kind, Guid? browser, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var until = (DateTimeOffset?)(now + LockTime);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        // Counting and reading the count are one transaction, which on SQLite begins as the writer.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var counted = (kind, browser) switch
        {
            (AttemptKind.SignIn, { } id) => await db.KnownBrowsers
                .Where(row => row.Id == id && row.PersonId == user && row.ExpiresAt > now && (row.LockedUntil == null || row.LockedUntil <= now))
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.Attempts, row => row.LockedUntil == null ? row.Attempts + 1 : 1)
                        .SetProperty(row => row.LockedUntil, row => row.LockedUntil == null && row.Attempts + 1 >= Limit ? until : null), cancellationToken).ConfigureAwait(false),
            (AttemptKind.SignIn, null) => await db.Users
                .Where(row => row.Id == user && (row.SignInLockedUntil == null || row.SignInLockedUntil <= now))
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.SignInAttempts, row => row.SignInLockedUntil == null ? row.SignInAttempts + 1 : 1)
                        .SetProperty(row => row.SignInLockedUntil, row => row.SignInLockedUntil == null && row.SignInAttempts + 1 >= Limit ? until : null), cancellationToken)
                .ConfigureAwait(false),
            _ => await db.Users
                .Where(row => row.Id == user && (row.ProofLockedUntil == null || row.ProofLockedUntil <= now))
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.ProofAttempts, row => row.ProofLockedUntil == null ? row.ProofAttempts + 1 : 1)
                        .SetProperty(row => row.ProofLockedUntil, row => row.ProofLockedUntil == null && row.ProofAttempts + 1 >= Limit ? until : null), cancellationToken)
                .ConfigureAwait(false),
        };
        if (counted != 1) return null;
        var number = (kind, browser) switch
        {
            (AttemptKind.SignIn, { } id) => await db.KnownBrowsers.Where(row => row.Id == id).Select(row => row.Attempts).SingleAsync(cancellationToken).ConfigureAwait(false),
            (AttemptKind.SignIn, null) => await db.Users.Where(row => row.Id == user).Select(row => row.SignInAttempts).SingleAsync(cancellationToken).ConfigureAwait(false),
            _ => await db.Users.Where(row => row.Id == user).Select(row => row.ProofAttempts).SingleAsync(cancellationToken).ConfigureAwait(false),
        };
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return new CountedAttempt(user, kind, kind == AttemptKind.SignIn ? browser : null, number);
    }

    /// <summary>
    /// The attempt was right, and nothing more is asked: it and those before it count no more. Those that were begun since then
    /// stay counted, so that a right one does not allow five more of them.
    /// </summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="securityStamp">The stamp of the user who was read for it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False if the user was changed or disabled meanwhile: then the attempt proves nothing.</returns>
    public Task<bool> SucceedAsync(CountedAttempt attempt, string? securityStamp, CancellationToken cancellationToken) =>
        TakeBackAsync(attempt, attempt.Number, securityStamp, cancellationToken);

    /// <summary>
    /// The attempt was right, but more is asked: it alone counts no more. A right password thus takes back no wrong code.
    /// </summary>
    /// <returns>False if the user was changed or disabled meanwhile: then the attempt proves nothing.</returns>
    public Task<bool> WithdrawAsync(CountedAttempt attempt, string? securityStamp, CancellationToken cancellationToken) =>
        TakeBackAsync(attempt, 1, securityStamp, cancellationToken);

    /// <summary>Forgets all attempts of a user, in the caller's transaction: with a one-time link, the user has set a new password.</summary>
    internal static Task ResetAsync(PortalDb db, Guid user, CancellationToken cancellationToken) =>
        db.Users.Where(row => row.Id == user).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.SignInAttempts, 0).SetProperty(row => row.SignInLockedUntil, (DateTimeOffset?)null)
                .SetProperty(row => row.ProofAttempts, 0).SetProperty(row => row.ProofLockedUntil, (DateTimeOffset?)null), cancellationToken);

    private async Task<bool> TakeBackAsync(CountedAttempt attempt, int count, string? stamp, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var user = db.Users.Where(row => row.Id == attempt.UserId && row.SecurityStamp == stamp && row.DisabledAt == null);
        // Fewer than are taken back: the lock has run out meanwhile, and counting has begun again.
        var changed = attempt switch
        {
            { BrowserId: { } id } => await db.KnownBrowsers.Where(row => row.Id == id && user.Any())
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.Attempts, row => row.Attempts >= count ? row.Attempts - count : row.Attempts)
                        .SetProperty(row => row.LockedUntil, row => row.Attempts >= count ? null : row.LockedUntil), cancellationToken).ConfigureAwait(false),
            { Kind: AttemptKind.SignIn } => await user
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.SignInAttempts, row => row.SignInAttempts >= count ? row.SignInAttempts - count : row.SignInAttempts)
                        .SetProperty(row => row.SignInLockedUntil, row => row.SignInAttempts >= count ? null : row.SignInLockedUntil), cancellationToken).ConfigureAwait(false),
            _ => await user
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.ProofAttempts, row => row.ProofAttempts >= count ? row.ProofAttempts - count : row.ProofAttempts)
                        .SetProperty(row => row.ProofLockedUntil, row => row.ProofAttempts >= count ? null : row.ProofLockedUntil), cancellationToken).ConfigureAwait(false),
        };
        return changed == 1;
    }
}
