using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Users;

/// <summary>Finds users by email address.</summary>
internal static class UserLookup
{
    /// <summary>The user who signs in with this address; null for none. Case, and the form in which a domain is written, do not matter.</summary>
    public static async Task<PortalUser?> FindByAddressAsync(this PortalDb db, string entered, CancellationToken cancellationToken)
    {
        var names = EmailAddress.LookupNames(entered).ToList();
        var found = await db.Users.Where(user => EF.Parameter(names).Contains(user.NormalizedUserName!)).ToListAsync(cancellationToken).ConfigureAwait(false);
        // Users from before there was one rule may have names that are the same now. The name that was typed wins.
        return found.OrderBy(user => names.IndexOf(user.NormalizedUserName!)).FirstOrDefault();
    }

    /// <summary>A user whose address is the same as this one, so that it cannot be given to a second user; null for none.</summary>
    public static async Task<PortalUser?> FindSameAsync(this PortalDb db, string address, CancellationToken cancellationToken)
    {
        if (await db.FindByAddressAsync(address, cancellationToken).ConfigureAwait(false) is { } found) return found;
        // The database cannot compute the key. Users are few, and are added seldom.
        var key = EmailAddress.Key(address);
        var all = await db.Users.Where(user => user.UserName != null).Select(user => new { user.Id, user.UserName }).ToListAsync(cancellationToken).ConfigureAwait(false);
        return all.Find(user => EmailAddress.Key(user.UserName!) == key) is { } same
            ? await db.Users.SingleAsync(user => user.Id == same.Id, cancellationToken).ConfigureAwait(false)
            : null;
    }
}
