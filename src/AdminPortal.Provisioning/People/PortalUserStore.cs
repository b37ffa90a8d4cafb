using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.People;

/// <summary>Identity's store, but for the second factor's secrets: the ready one keeps the key and the recovery codes as plain text.</summary>
internal sealed class PortalUserStore(PortalDb db, ISecretBox secrets, IdentityErrorDescriber? describer = null)
    : UserOnlyStore<PortalUser, PortalDb, Guid, IdentityUserClaim<Guid>, IdentityUserLogin<Guid>, IdentityUserToken<Guid>, PortalPasskey>(db, describer)
{
    public override Task SetAuthenticatorKeyAsync(PortalUser user, string key, CancellationToken cancellationToken)
    {
        user.AuthenticatorKey = secrets.Seal(SecretKind.AuthenticatorKey, user.Id, SecretOrigin.Nowhere, key);
        return Task.CompletedTask;
    }

    public override Task<string?> GetAuthenticatorKeyAsync(PortalUser user, CancellationToken cancellationToken) =>
        Task.FromResult(user.AuthenticatorKeyOf is { } key ? secrets.Open(key, SecretOrigin.Nowhere) : null);

    public override async Task ReplaceCodesAsync(PortalUser user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken)
    {
        Context.RecoveryCodes.RemoveRange(await Context.RecoveryCodes.Where(code => code.PersonId == user.Id).ToListAsync(cancellationToken).ConfigureAwait(false));
        foreach (var code in recoveryCodes)
        {
            var read = RecoveryCodes.Read(code) ?? throw new ArgumentException("That is not one of the portal's recovery codes.", nameof(recoveryCodes));
            Context.RecoveryCodes.Add(new RecoveryCode { PersonId = user.Id, Hash = RecoveryCodes.Hash(read) });
        }
    }

    // One conditional delete: of two who bring the same code at once, one finds it gone.
    public override async Task<bool> RedeemCodeAsync(PortalUser user, string code, CancellationToken cancellationToken)
    {
        if (RecoveryCodes.Read(code) is not { } read) return false;
        var hash = RecoveryCodes.Hash(read);
        return await Context.RecoveryCodes.Where(stored => stored.PersonId == user.Id && stored.Hash == hash).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) == 1;
    }

    public override Task<int> CountCodesAsync(PortalUser user, CancellationToken cancellationToken) =>
        Context.RecoveryCodes.CountAsync(code => code.PersonId == user.Id, cancellationToken);
}
