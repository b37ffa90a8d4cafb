using AdminPortal.Provisioning.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.People;

/// <summary>Who can sign in, as far as the database is concerned.</summary>
public sealed class PeopleService(IDbContextFactory<PortalDb> databases)
{
    /// <summary>Whether there is anybody who can sign in.</summary>
    public async Task<bool> HasAnybodyAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Users.AnyAsync(cancellationToken).ConfigureAwait(false);
    }
}
