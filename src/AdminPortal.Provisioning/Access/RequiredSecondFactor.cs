using System.Linq.Expressions;
using AdminPortal.Domain.Users;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Access;

/// <summary>Who has a second factor, where <c>Portal:SignIn:RequireSecondFactor</c> asks for one: pages, API tokens and calendars go by it.</summary>
internal static class RequiredSecondFactor
{
    /// <summary>
    /// Whether a user has an authenticator app or a passkey, or has no password here: the authority of single sign-on then
    /// answers for the second factor.
    /// </summary>
    public static Expression<Func<PortalUser, bool>> IsMet(PortalDb db) => user =>
        (user.TwoFactorEnabled && user.AuthenticatorKey != null)
        || (user.ExternalSubject != null && user.PasswordHash == null)
        || db.UserPasskeys.Any(passkey => passkey.UserId == user.Id);

    /// <summary>The same for one user.</summary>
    public static Task<bool> IsMetAsync(PortalDb db, Guid user, CancellationToken cancellationToken) => db.Users.Where(row => row.Id == user).AnyAsync(IsMet(db), cancellationToken);
}
