using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Users;

/// <summary>
/// The way back in, for whoever has the machine: a link that lets a person in once, whatever became of the password or of
/// single sign-on.
/// </summary>
public sealed class ConsoleLinks(IDbContextFactory<PortalDb> databases, PortalAddresses addresses, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>How long such a link is good: it is read off a console and used at once.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Makes the link; a one-time link that the person had is dead.</summary>
    /// <param name="email">Whom it is for.</param>
    /// <param name="asAdministrator">Whether the person is to be an administrator who may sign in: added where there is none of this name, enabled and raised otherwise.</param>
    /// <param name="cancellationToken">Gives up before anything is saved.</param>
    public async Task<Result<OneTimeLink>> MakeAsync(string email, bool asAdministrator, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var person = await db.FindSameAsync(email, cancellationToken).ConfigureAwait(false);
        if (!asAdministrator)
        {
            if (person is null) return new Problem(ProblemKind.NotFound, $"There is nobody with the email {email}. Say --administrator to add this person as an administrator.");
            if (person.DisabledAt is not null) return new Problem(ProblemKind.NotNow, $"{person.Email} is disabled. An administrator can enable this person; or say --administrator to enable and make an administrator of them.");
        }

        if (person is null)
        {
            // An address that breaks the rule leads to a user who has it, and makes none.
            if (EmailAddress.Read(email) is not { } address) return new Problem(ProblemKind.Invalid, $"\"{OutsideText.Clean(email, PersonInput.MaxEmailLength)}\" is not an email address.");
            person = PortalUser.Create(address, Role.Administrator, now);
            db.Users.Add(person);
        }
        else if (asAdministrator && (person.Role != Role.Administrator || person.DisabledAt is not null))
        {
            person.Role = Role.Administrator;
            person.DisabledAt = null;
            person.SecurityStamp = NewStamp();
        }

        var code = OneTimeValue.Create();
        person.LinkHash = OneTimeValue.Hash(code);
        person.LinkExpiresAt = now + Lifetime;
        person.LinkLetsIn = true;
        // Nobody is signed in at a console: the portal itself did it.
        db.Note(Actor.Portal, now, ActivityAction.WayInMade, person.Email ?? email, detail: texts["WayIn.Made", texts[$"Role.{(Enum.IsDefined(person.Role) ? person.Role : Role.Viewer)}"]]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return new OneTimeLink(person.Email ?? email, $"{addresses.PublicBaseUrl}/let-in?code={code}", now + Lifetime);
    }

    private static string NewStamp() => Guid.NewGuid().ToString("N");
}
