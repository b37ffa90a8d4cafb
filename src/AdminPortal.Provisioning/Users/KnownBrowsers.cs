using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Users;

/// <summary>The browsers that users have signed in with: see <see cref="KnownBrowser"/>.</summary>
public sealed class KnownBrowsers(IDbContextFactory<PortalDb> databases, TimeProvider clock)
{
    /// <summary>How many a user has; with one more, the one that was not used for the longest time is forgotten.</summary>
    public const int MaxPerPerson = 10;

    /// <summary>How long a browser is known after a sign-in.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);

    /// <summary>The known browser of a user that has this cookie; null for a stranger's.</summary>
    public async Task<Guid?> FindAsync(Guid person, string? cookie, CancellationToken cancellationToken)
    {
        if (!OneTimeValue.HasForm(cookie)) return null;
        var hash = OneTimeValue.Hash(cookie!);
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.KnownBrowsers.Where(row => row.PersonId == person && row.Hash == hash && row.ExpiresAt > now)
            .Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Remembers the browser of a complete sign-in.</summary>
    /// <param name="person">Who signed in.</param>
    /// <param name="cookie">The cookie that the browser sent. A value that the portal did not give is not taken over.</param>
    /// <param name="cancellationToken">Cancels before anything is saved.</param>
    /// <returns>The value of the browser's cookie from now on.</returns>
    public async Task<string> RememberAsync(Guid person, string? cookie, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await db.KnownBrowsers.Where(row => row.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        // Several users of one browser share its cookie.
        var presented = OneTimeValue.HasForm(cookie) ? OneTimeValue.Hash(cookie!) : [];
        var value = presented.Length > 0 && await db.KnownBrowsers.AnyAsync(row => row.Hash == presented, cancellationToken).ConfigureAwait(false) ? cookie! : OneTimeValue.Create();
        var hash = OneTimeValue.Hash(value);
        if (await db.KnownBrowsers.SingleOrDefaultAsync(row => row.PersonId == person && row.Hash == hash, cancellationToken).ConfigureAwait(false) is { } known)
        {
            known.UsedAt = now;
            known.ExpiresAt = now + Lifetime;
        }
        else
        {
            var oldest = await db.KnownBrowsers.Where(row => row.PersonId == person).OrderByDescending(row => row.UsedAt).ThenByDescending(row => row.Id)
                .Skip(MaxPerPerson - 1).ToListAsync(cancellationToken).ConfigureAwait(false);
            db.KnownBrowsers.RemoveRange(oldest);
            db.KnownBrowsers.Add(new KnownBrowser { Id = Guid.CreateVersion7(now), PersonId = person, Hash = hash, UsedAt = now, ExpiresAt = now + Lifetime });
        }

        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return value;
    }

    /// <summary>Forgets all browsers of a user, in the caller's transaction.</summary>
    internal static Task ForgetAllAsync(PortalDb db, Guid person, CancellationToken cancellationToken) =>
        db.KnownBrowsers.Where(row => row.PersonId == person).ExecuteDeleteAsync(cancellationToken);
}
