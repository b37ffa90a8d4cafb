using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.SingleSignOn;

/// <summary>Finds the person of an identity that an authority has vouched for, and keeps the role in step with it.</summary>
/// <remarks>
/// <para>A person is the pair of issuer and subject. The email address is a name and proves nothing: whoever may choose it at
/// the authority would take over the person here who has it. It leads to somebody who is here already in one case alone,
/// an invitation that nobody has used, where the authority says in so many words that the address was verified. Whoever has
/// a password connects the two from inside, signed in with it: see <see cref="ConnectAsync"/>.</para>
/// <para>Everything is decided and written in one transaction, which on SQLite begins as the writer.</para>
/// </remarks>
public sealed class SingleSignOnPeople(
    IDbContextFactory<PortalDb> databases, SignInWays ways, IOptions<PortalOptions> options, TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts, ILogger<SingleSignOnPeople> logger)
{
    /// <summary>Whether an administrator has ever signed in by single sign-on, and still could: before that, nobody should switch local sign-in off.</summary>
    public async Task<bool> HasAdministratorAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await HasAdministratorAsync(db, cancellationToken).ConfigureAwait(false);
    }

    internal static Task<bool> HasAdministratorAsync(PortalDb db, CancellationToken cancellationToken) =>
        db.Users.AnyAsync(person => person.Role == Role.Administrator && person.DisabledAt == null && person.ExternalSubject != null, cancellationToken);

    /// <summary>The person who may sign in now; one who comes for the first time is added.</summary>
    /// <param name="identity">Who it is.</param>
    /// <param name="expected">Who it has to be, where a session is to be confirmed; null for anybody.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="cancellationToken">Gives up before anything is saved.</param>
    public async Task<Result<PortalUser>> ArriveAsync(ExternalIdentity identity, Guid? expected, string? from, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var known = await FindAsync(db, identity, cancellationToken).ConfigureAwait(false);
        if (expected is { } id && known?.Id != id) return Refuse(SingleSignOnRefusal.OtherPerson, identity);
        var arrived = known is null
            ? await ReceiveAsync(db, identity, from, cancellationToken).ConfigureAwait(false)
            : await RefreshAsync(db, known, identity, from, cancellationToken).ConfigureAwait(false);
        // A refusal may have ended the person's sessions and tokens: see EndAccessAsync.
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return arrived;
    }

    /// <summary>Lets a signed-in person come by single sign-on from now on. The caller has seen both: the person's session here, and a fresh sign-in there.</summary>
    public async Task<Result<Done>> ConnectAsync(Guid personId, ExternalIdentity identity, string? from, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Users.SingleOrDefaultAsync(one => one.Id == personId && one.DisabledAt == null, cancellationToken).ConfigureAwait(false) is not { } person)
            return Refuse(SingleSignOnRefusal.OtherPerson, identity);
        if (await FindAsync(db, identity, cancellationToken).ConfigureAwait(false) is { } known)
            return known.Id == personId ? default(Done) : Refuse(SingleSignOnRefusal.AlreadyConnected, identity);
        Tie(db, person, identity, from, ActivityAction.SingleSignOnConnected);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>Whether a person has come by single sign-on already.</summary>
    public async Task<bool> IsConnectedAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Users.AnyAsync(person => person.Id == personId && person.ExternalSubject != null, cancellationToken).ConfigureAwait(false);
    }

    private static Task<PortalUser?> FindAsync(PortalDb db, ExternalIdentity identity, CancellationToken cancellationToken) =>
        db.Users.SingleOrDefaultAsync(person => person.ExternalIssuer == identity.Issuer && person.ExternalSubject == identity.Subject, cancellationToken);

    // The role of somebody who comes again.
    private async Task<Result<PortalUser>> RefreshAsync(PortalDb db, PortalUser person, ExternalIdentity identity, string? from, CancellationToken cancellationToken)
    {
        if (person.DisabledAt is not null) return Refuse(SingleSignOnRefusal.Disabled, identity);
        if (!options.Value.SingleSignOn.MapsRoles) return person;
        // The user may be in a group that gives a role: neither the role nor the access changes.
        if (!identity.AreGroupsKnown) return RefuseUnknownGroups(identity);
        if (identity.Role is not { } role)
        {
            await EndAccessAsync(db, person, from, cancellationToken).ConfigureAwait(false);
            return Refuse(SingleSignOnRefusal.NoRole, identity);
        }

        if (person.Role == role) return person;
        // Keep the last administrator's role, but refuse this sign-in.
        if (role != Role.Administrator && await ways.IsLastAdministratorAsync(db.Users, person, cancellationToken).ConfigureAwait(false))
            return Refuse(SingleSignOnRefusal.LastAdministrator, identity);
        Note(
            db, person, from, ActivityAction.RoleChanged,
            texts["SingleSignOn.RoleFromTo", texts["Person.RoleFromTo", texts[$"Role.{(Enum.IsDefined(person.Role) ? person.Role : Role.Viewer)}"], texts[$"Role.{role}"]], ways.AuthorityName]);
        person.Role = role;
        person.SecurityStamp = NewStamp();
        return person;
    }

    // Somebody who is in none of the groups any more. The last administrator keeps what is open: nobody else could manage the portal.
    private async Task EndAccessAsync(PortalDb db, PortalUser person, string? from, CancellationToken cancellationToken)
    {
        if (await ways.IsLastAdministratorAsync(db.Users, person, cancellationToken).ConfigureAwait(false)) return;
        var now = clock.GetUtcNow();
        var sessions = await SessionService.EndAllAsync(db, options.Value.Sessions, person.Id, SessionEnding.GroupsLost, now, cancellationToken).ConfigureAwait(false);
        var tokens = await ApiTokenService.EndAllAsync(db, person.Id, now, cancellationToken).ConfigureAwait(false);
        var calendars = await db.CalendarFeeds.Where(feed => feed.PersonId == person.Id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        await KnownBrowsers.ForgetAllAsync(db, person.Id, cancellationToken).ConfigureAwait(false);
        person.SecurityStamp = NewStamp();
        if (sessions + tokens + calendars > 0) Note(db, person, from, ActivityAction.AccessEnded, texts["SingleSignOn.AccessEnded", ways.AuthorityName, sessions, tokens, calendars]);
    }

    // A user of the authority who has not signed in here before: the email address has to be valid, and must not be unverified.
    private async Task<Result<PortalUser>> ReceiveAsync(PortalDb db, ExternalIdentity identity, string? from, CancellationToken cancellationToken)
    {
        var settings = options.Value.SingleSignOn;
        if (identity.Email is not { } address) return Refuse(SingleSignOnRefusal.NoEmail, identity);
        if (identity.IsEmailVerified is false || (identity.IsEmailVerified is null && settings.RequireVerifiedEmail))
            return Refuse(SingleSignOnRefusal.EmailNotVerified, identity);
        if (settings.MapsRoles && !identity.AreGroupsKnown) return RefuseUnknownGroups(identity);
        if (await db.FindSameAsync(address, cancellationToken).ConfigureAwait(false) is { } invited)
        {
            if (invited.DisabledAt is not null) return Refuse(SingleSignOnRefusal.Disabled, identity);
            if (invited is not { PasswordHash: null, ExternalSubject: null } || identity.IsEmailVerified is not true
                || !IsFor(invited, address))
                return Refuse(SingleSignOnRefusal.EmailTaken, identity);
            if (settings.MapsRoles)
            {
                if (identity.Role is not { } mapped) return Refuse(SingleSignOnRefusal.NoRole, identity);
                invited.Role = mapped;
            }

            // The invitation has served.
            invited.LinkHash = null;
            invited.LinkExpiresAt = null;
            Tie(db, invited, identity, from, ActivityAction.SingleSignOnConnected);
            return invited;
        }

        if (identity.Role is not { } role) return Refuse(SingleSignOnRefusal.NoRole, identity);
        if (EmailAddress.Read(address) is not { } email) return Refuse(SingleSignOnRefusal.NoEmail, identity);
        var person = PortalUser.Create(email, role, clock.GetUtcNow());
        db.Users.Add(person);
        Tie(db, person, identity, from, ActivityAction.SingleSignOnJoined);
        return person;
    }

    // FindSameAsync also finds addresses that only look the same, such as one with full-width letters: they may belong to another person.
    private static bool IsFor(PortalUser invited, string address) =>
        EmailAddress.NormalizeName(EmailAddress.Read(address) ?? address) == EmailAddress.NormalizeName(invited.UserName ?? "");

    private Problem RefuseUnknownGroups(ExternalIdentity identity)
    {
        SingleSignOnLog.GroupsLeftOut(logger, options.Value.SingleSignOn.RoleClaim, identity.Name);
        return Refuse(SingleSignOnRefusal.GroupsLeftOut, identity);
    }

    private void Tie(PortalDb db, PortalUser person, ExternalIdentity identity, string? from, ActivityAction action)
    {
        person.ExternalIssuer = identity.Issuer;
        person.ExternalSubject = identity.Subject;
        Note(db, person, from, action, texts["SingleSignOn.JoinedAs", texts[$"Role.{(Enum.IsDefined(person.Role) ? person.Role : Role.Viewer)}"], ways.AuthorityName]);
    }

    private void Note(PortalDb db, PortalUser person, string? from, ActivityAction action, string detail) =>
        db.Note(new Actor(person.Id, person.UserName) { Role = person.Role, From = from }, clock.GetUtcNow(), action, person.Email ?? person.UserName ?? "", detail: detail);

    private Problem Refuse(SingleSignOnRefusal refusal, ExternalIdentity identity) =>
        new(ProblemKind.NotAllowed, texts[$"SingleSignOn.{refusal}", ways.AuthorityName, identity.Name]);

    private static string NewStamp() => Guid.NewGuid().ToString("N");
}
