using AdminPortal.Domain.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Users;

/// <summary>By which ways people can come in, and so who of them can manage the portal.</summary>
public sealed class SignInWays(IOptions<PortalOptions> options)
{
    /// <summary>Whether the portal's own passwords and passkeys are taken.</summary>
    public bool TakesPasswords => options.Value.LocalSignIn.Enabled;

    /// <summary>Whether there is single sign-on.</summary>
    public bool HasSingleSignOn => SingleSignOn.IsConfigured;

    /// <summary>What people call the authority.</summary>
    public string AuthorityName => SingleSignOn.DisplayName;

    private SingleSignOnOptions SingleSignOn => options.Value.SingleSignOn;

    /// <summary>Whether a person is an administrator who can come in. Somebody who was invited and has not come yet is none.</summary>
    internal bool CanAdminister(PortalUser person) =>
        person is { Role: Role.Administrator, DisabledAt: null } && ((TakesPasswords && person.PasswordHash is not null) || (HasSingleSignOn && person.ExternalSubject is not null));

    /// <summary>Whether nobody else is an administrator who can come in.</summary>
    internal async Task<bool> IsLastAdministratorAsync(IQueryable<PortalUser> people, PortalUser person, CancellationToken cancellationToken)
    {
        if (!CanAdminister(person)) return false;
        var (passwords, singleSignOn) = (TakesPasswords, HasSingleSignOn);
        return !await people.AnyAsync(
            other => other.Id != person.Id && other.Role == Role.Administrator && other.DisabledAt == null
                && ((passwords && other.PasswordHash != null) || (singleSignOn && other.ExternalSubject != null)), cancellationToken).ConfigureAwait(false);
    }
}
