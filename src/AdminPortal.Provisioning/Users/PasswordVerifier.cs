using AdminPortal.Domain;
using AdminPortal.Domain.Users;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Users;

/// <summary>Compares a password with its hash. It counts nothing: see <see cref="AttemptLimiter"/>.</summary>
public sealed class PasswordVerifier(IPasswordHasher<PortalUser> hasher, IDbContextFactory<PortalDb> databases)
{
    private static readonly PortalUser Nobody = new();

    private static string? nobodysHash;

    /// <summary>
    /// Whether this is the user's password. It is compared in normalization form C first, and then as it was entered: passwords
    /// from before were hashed as entered. Such a hash, and one with too few iterations, is replaced.
    /// </summary>
    public async Task<bool> VerifyAsync(PortalUser user, string password, CancellationToken cancellationToken)
    {
        if (user.PasswordHash is not { } hash)
        {
            Waste(password);
            return false;
        }

        var normalized = PasswordText.Normalize(password);
        var result = hasher.VerifyHashedPassword(user, hash, normalized);
        if (result == PasswordVerificationResult.Failed)
        {
            if (normalized == password || hasher.VerifyHashedPassword(user, hash, password) == PasswordVerificationResult.Failed) return false;
            result = PasswordVerificationResult.SuccessRehashNeeded;
        }

        if (result == PasswordVerificationResult.SuccessRehashNeeded)
        {
            var fresh = hasher.HashPassword(user, normalized);
            await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            // Not over a password that was changed meanwhile.
            await db.Users.Where(row => row.Id == user.Id && row.PasswordHash == hash)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.PasswordHash, fresh), cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Takes as long as comparing a wrong password, where there is no user or none whose password is compared.</summary>
    public void Waste(string password)
    {
        nobodysHash ??= hasher.HashPassword(Nobody, "nobody");
        var normalized = PasswordText.Normalize(password);
        _ = hasher.VerifyHashedPassword(Nobody, nobodysHash, normalized);
        if (normalized != password) _ = hasher.VerifyHashedPassword(Nobody, nobodysHash, password);
    }

    /// <summary>Hashes a new password, after all rules. Hashing is slow, so callers do it before they hold the database.</summary>
    /// <returns>The hash, or which rule the password breaks.</returns>
    internal static async Task<Result<string>> HashAsync(UserManager<PortalUser> identity, PortalUser user, string password, string? field = null)
    {
        var normalized = PasswordText.Normalize(password);
        foreach (var rule in identity.PasswordValidators)
        {
            var result = await rule.ValidateAsync(identity, user, normalized).ConfigureAwait(false);
            if (!result.Succeeded) return result.Errors.Select(error => new Problem(ProblemKind.Invalid, error.Description, field)).ToArray();
        }

        return identity.PasswordHasher.HashPassword(user, normalized);
    }
}
