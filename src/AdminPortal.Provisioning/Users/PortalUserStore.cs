using AdminPortal.Domain.Users;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Users;

/// <summary>
/// Identity's store without its members for authenticator keys and recovery codes. Those would store plain text, and evaluate
/// codes that <see cref="AttemptLimiter"/> has not counted: <see cref="FactorService"/> does both instead.
/// </summary>
internal sealed class PortalUserStore(PortalDb db, IdentityErrorDescriber? describer = null)
    : UserOnlyStore<PortalUser, PortalDb, Guid, IdentityUserClaim<Guid>, IdentityUserLogin<Guid>, IdentityUserToken<Guid>, PortalPasskey>(db, describer)
{
    public override Task SetAuthenticatorKeyAsync(PortalUser user, string key, CancellationToken cancellationToken) => throw NotSupported();

    public override Task<string?> GetAuthenticatorKeyAsync(PortalUser user, CancellationToken cancellationToken) => throw NotSupported();

    public override Task ReplaceCodesAsync(PortalUser user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken) =>
        throw NotSupported();

    public override Task<bool> RedeemCodeAsync(PortalUser user, string code, CancellationToken cancellationToken) => throw NotSupported();

    public override Task<int> CountCodesAsync(PortalUser user, CancellationToken cancellationToken) => throw NotSupported();

    private static NotSupportedException NotSupported() => new("Authenticator keys and recovery codes are managed by FactorService.");
}
