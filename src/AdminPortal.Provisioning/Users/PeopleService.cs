using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.ApiTokens;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Users;

/// <summary>Who can sign in, and what they may do: list, invite, change role, disable, reset, remove.</summary>
/// <remarks>
/// Every change is decided and written in one transaction, which on SQLite begins as the writer: of two administrators
/// who take each other's role away at the same moment, the second one finds that it is the last.
/// </remarks>
public sealed class PeopleService(
    IDbContextFactory<PortalDb> databases,
    IServiceScopeFactory scopes,
    IValidator<PersonInput> validator,
    PortalAddresses addresses,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate,
    SignInWays ways)
{
    /// <summary>How long a one-time link is good.</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(3);

    /// <summary>Whether there is an administrator. Others may have come before one by single sign-on.</summary>
    public async Task<bool> HasAdministratorAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Users.AnyAsync(person => person.Role == Role.Administrator, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Everybody, by email.</summary>
    public async Task<Result<IReadOnlyList<PersonLine>>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ManagePeople, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var people = await db.Users.AsNoTracking().OrderBy(person => person.NormalizedUserName).ToListAsync(cancellationToken).ConfigureAwait(false);
        var passkeys = await db.UserPasskeys.GroupBy(passkey => passkey.UserId).Select(of => new { of.Key, Count = of.Count() })
            .ToDictionaryAsync(of => of.Key, of => of.Count, cancellationToken).ConfigureAwait(false);
        return people.Select(person => new PersonLine(person.Id, person.Email ?? person.UserName ?? "", person.Role, StateOf(person), person.LastSignInAt)
        {
            LinkExpiresAt = person.LinkHash is not null && person.LinkExpiresAt > now ? person.LinkExpiresAt : null,
            HasAuthenticator = person.HasAuthenticator,
            Passkeys = passkeys.GetValueOrDefault(person.Id),
            IsLastAdministrator = ways.CanAdminister(person) && people.Count(ways.CanAdminister) == 1,
            ComesBySingleSignOn = person.ExternalSubject is not null,
        }).ToArray();
    }

    /// <summary>Creates the first administrator, while there is none. The caller has checked the setup link.</summary>
    /// <param name="address">The email address, as entered.</param>
    /// <param name="password">The password, as entered.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="cancellationToken">Cancels before anything is saved.</param>
    /// <returns>The user; <see cref="ProblemKind.NotNow"/> where there is an administrator already; what is wrong with the input.</returns>
    public async Task<Result<PortalUser>> CreateAdministratorAsync(string address, string password, string? from, CancellationToken cancellationToken)
    {
        if (EmailAddress.Read(address) is not { } email) return new Problem(ProblemKind.Invalid, texts["Person.EmailForm"], nameof(PersonInput.Email));
        var person = PortalUser.Create(email, Role.Administrator, clock.GetUtcNow());
        await using var scope = scopes.CreateAsyncScope();
        var hashed = await PasswordVerifier.HashAsync(scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>(), person, password).ConfigureAwait(false);
        if (!hashed.Succeeded) return hashed.Problems.ToArray();
        person.PasswordHash = hashed.Value;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Users.AnyAsync(other => other.Role == Role.Administrator, cancellationToken).ConfigureAwait(false)) return new Problem(ProblemKind.NotNow, texts["Person.SetupDone"]);
        if (await db.FindSameAsync(email, cancellationToken).ConfigureAwait(false) is not null)
            return new Problem(ProblemKind.Invalid, texts["Person.Taken", email], nameof(PersonInput.Email));
        db.Users.Add(person);
        Note(db, new Actor(person.Id, email) { From = from }, ActivityAction.AdministratorCreated, person);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return person;
    }

    /// <summary>Adds a person, who sets a password with the link.</summary>
    /// <returns>The link: a secret, to be shown once.</returns>
    public async Task<Result<OneTimeLink>> InviteAsync(PersonInput input, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.ManagePeople, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (!ways.TakesPasswords) return NoPasswords();
        if (validator.Check(input) is { Length: > 0 } invalid) return invalid;

        var email = EmailAddress.Read(input.Email)!;
        var person = PortalUser.Create(email, input.Role, clock.GetUtcNow());
        return await DecideAsync<OneTimeLink>(actor, async db =>
        {
            if (await db.FindSameAsync(email, cancellationToken).ConfigureAwait(false) is not null)
                return new Problem(ProblemKind.Invalid, texts["Person.Taken", email], nameof(PersonInput.Email));
            var link = GiveLink(person);
            db.Users.Add(person);
            Note(db, actor, ActivityAction.PersonInvited, person, texts[$"Role.{person.Role}"]);
            return link;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives a person another role; open sessions end, so that the next one has it.</summary>
    public Task<Result<Done>> ChangeRoleAsync(Guid id, Role role, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<Done>(id, actor, async (db, person) =>
        {
            if (!Enum.IsDefined(role)) return new Problem(ProblemKind.Invalid, texts["Person.Role"], nameof(PersonInput.Role));
            if (person.Role == role) return default(Done);
            if (role != Role.Administrator && await IsLastAsync(db, person, cancellationToken).ConfigureAwait(false)) return Last(person);
            Note(db, actor, ActivityAction.RoleChanged, person, texts["Person.RoleFromTo", texts[$"Role.{Known(person.Role)}"], texts[$"Role.{role}"]]);
            person.Role = role;
            EndSessions(person);
            return default(Done);
        }, cancellationToken);

    /// <summary>Keeps a person out, or lets one in again; open sessions end, and API tokens for good.</summary>
    public Task<Result<Done>> SetDisabledAsync(Guid id, bool disabled, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<Done>(id, actor, async (db, person) =>
        {
            if (person.DisabledAt is not null == disabled) return default(Done);
            if (disabled && await IsLastAsync(db, person, cancellationToken).ConfigureAwait(false)) return Last(person);
            person.DisabledAt = disabled ? clock.GetUtcNow() : null;
            // For good: whoever is let in again makes new ones.
            if (disabled) await ApiTokenService.EndAllAsync(db, id, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            await KnownBrowsers.ForgetAllAsync(db, id, cancellationToken).ConfigureAwait(false);
            EndSessions(person);
            Note(db, actor, disabled ? ActivityAction.PersonDisabled : ActivityAction.PersonEnabled, person);
            return default(Done);
        }, cancellationToken);

    /// <summary>
    /// Creates a link with which another user sets a new password; an earlier link becomes invalid. The present password works
    /// until the link is used.
    /// </summary>
    /// <returns>
    /// The link: a secret, to be shown once. Refused for the own user: see <see cref="FactorService.ChangePasswordAsync"/>.
    /// </returns>
    public Task<Result<OneTimeLink>> ResetAsync(Guid id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<OneTimeLink>(id, actor, (db, person) =>
        {
            if (person.Id == actor.PersonId)
                return Task.FromResult<Result<OneTimeLink>>(new Problem(ProblemKind.NotNow, texts["Person.OwnPassword"]));
            if (!ways.TakesPasswords) return Task.FromResult<Result<OneTimeLink>>(NoPasswords());
            if (person.DisabledAt is not null) return Task.FromResult<Result<OneTimeLink>>(new Problem(ProblemKind.NotNow, texts["Person.IsDisabled", Name(person)]));
            var link = GiveLink(person);
            Note(db, actor, ActivityAction.PersonReset, person);
            return Task.FromResult<Result<OneTimeLink>>(link);
        }, cancellationToken);

    /// <summary>
    /// Removes the authenticator app, recovery codes and passkeys of another user who has lost them; open sessions end. The password
    /// stays. Refused for the own user, who proves the second factor to remove it: see <see cref="FactorService"/>.
    /// </summary>
    public Task<Result<Done>> ResetFactorsAsync(Guid id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<Done>(id, actor, async (db, person) =>
        {
            if (person.Id == actor.PersonId) return new Problem(ProblemKind.NotNow, texts["Person.OwnFactors"]);
            await FactorService.TakeAuthenticatorAsync(db, person, cancellationToken).ConfigureAwait(false);
            await db.UserPasskeys.Where(passkey => passkey.UserId == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            await KnownBrowsers.ForgetAllAsync(db, id, cancellationToken).ConfigureAwait(false);
            EndSessions(person);
            Note(db, actor, ActivityAction.FactorsReset, person);
            return default(Done);
        }, cancellationToken);

    /// <summary>
    /// Ends all sessions of a person, open pages included, and a sign-in that waits for its second step. Nothing else changes:
    /// password, second factor, role, known browsers and API tokens stay, and the person can sign in again.
    /// </summary>
    /// <returns>How many sessions were open.</returns>
    public Task<Result<int>> EndSessionsAsync(Guid id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<int>(id, actor, async (db, person) =>
        {
            var ended = await SessionService.EndAllAsync(db, options.Value.Sessions, id, SessionEnding.ByAdministrator, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            // The new stamp ends a sign-in that waits for its second step.
            EndSessions(person);
            Note(db, actor, ActivityAction.SessionsEnded, person, ended == 1 ? texts["Sessions.EndedOne"] : texts["Sessions.Ended", ended]);
            return ended;
        }, cancellationToken);

    /// <summary>Removes a person with what is the person's own: passkeys, views, calendar address and API tokens. The record keeps the name.</summary>
    public Task<Result<Done>> RemoveAsync(Guid id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<Done>(id, actor, async (db, person) =>
        {
            if (await IsLastAsync(db, person, cancellationToken).ConfigureAwait(false)) return Last(person);
            await db.SavedViews.Where(view => view.PersonId == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            await db.Sessions.Where(session => session.PersonId == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            await db.CalendarFeeds.Where(feed => feed.PersonId == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            db.Users.Remove(person);
            Note(db, actor, ActivityAction.PersonRemoved, person);
            return default(Done);
        }, cancellationToken);

    /// <summary>Whom a one-time link is for; null for one that is not good (any more).</summary>
    /// <param name="code">The secret part of the link. It is looked up by its hash: how long that takes tells nothing of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> FindLinkAsync(string? code, CancellationToken cancellationToken)
    {
        if (!ways.TakesPasswords || !OneTimeValue.HasForm(code)) return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await Linked(db, code!).Select(person => person.Email).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets the password of the person whom a link is for, once; sessions that were open end.</summary>
    /// <param name="code">The secret part of the link.</param>
    /// <param name="password">The password.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="cancellationToken">Gives up before anything is saved.</param>
    /// <returns>What is wrong with the password; <see cref="ProblemKind.NotFound"/> for a link that is not good (any more).</returns>
    public async Task<Result<Done>> UseLinkAsync(string? code, string password, string? from, CancellationToken cancellationToken)
    {
        if (!ways.TakesPasswords) return NoPasswords();
        if (!OneTimeValue.HasForm(code)) return LinkGone();
        await using var scope = scopes.CreateAsyncScope();
        var identity = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await Linked(db, code!).AsNoTracking().SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false) is not { } found) return LinkGone();
        var hashed = await PasswordVerifier.HashAsync(identity, found, password).ConfigureAwait(false);
        if (!hashed.Succeeded) return hashed.Problems.ToArray();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await Linked(db, code!).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false) is not { } person) return LinkGone();
        person.PasswordHash = hashed.Value;
        person.LinkHash = null;
        person.LinkExpiresAt = null;
        EndSessions(person);
        await AttemptLimiter.ResetAsync(db, person.Id, cancellationToken).ConfigureAwait(false);
        await KnownBrowsers.ForgetAllAsync(db, person.Id, cancellationToken).ConfigureAwait(false);
        Note(db, new Actor(person.Id, person.UserName) { Role = person.Role, From = from }, ActivityAction.PasswordSet, person);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>Remembers that a person has signed in just now.</summary>
    public async Task MarkSignInAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        await db.Users.Where(person => person.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(person => person.LastSignInAt, (DateTimeOffset?)now), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a session that was opened with this stamp still holds: not ended, not idle for too long, not too old, and its person not changed.</summary>
    public async Task<bool> IsCurrentAsync(Guid id, string? stamp, Guid? session, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(stamp) || session is null) return false;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Current(options.Value.Sessions, clock.GetUtcNow())
            .AnyAsync(row => row.Id == session && row.PersonId == id && row.SecurityStamp == stamp, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Result<T>> ChangeAsync<T>(Guid id, Actor actor, Func<PortalDb, PortalUser, Task<Result<T>>> change, CancellationToken cancellationToken)
    {
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.ManagePeople, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        return await DecideAsync<T>(actor, async db =>
            await db.Users.SingleOrDefaultAsync(person => person.Id == id, cancellationToken).ConfigureAwait(false) is { } person
                ? await change(db, person).ConfigureAwait(false)
                : new Problem(ProblemKind.NotFound, texts["Person.Gone"]), cancellationToken).ConfigureAwait(false);
    }

    // The transaction is immediate: nobody else writes until it ends.
    private async Task<Result<T>> DecideAsync<T>(Actor actor, Func<PortalDb, Task<Result<T>>> decide, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // The role that the session came with may have been taken away a moment ago.
        if (actor.PersonId is { } asking
            && !await db.Users.AnyAsync(person => person.Id == asking && person.Role == Role.Administrator && person.DisabledAt == null, cancellationToken).ConfigureAwait(false))
        {
            var refusal = new Problem(ProblemKind.NotAllowed, texts["Person.NoLongerAdministrator"]);
            db.Note(actor, clock.GetUtcNow(), ActivityAction.NotAllowed, texts["Operation.ManagePeople"], succeeded: false, refusal.Message);
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return refusal;
        }

        var result = await decide(db).ConfigureAwait(false);
        if (!result.Succeeded) return result;
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (DbUpdateConcurrencyException)
        {
            return new Problem(ProblemKind.Stale, texts["Person.Stale"]);
        }
    }

    private Task<bool> IsLastAsync(PortalDb db, PortalUser person, CancellationToken cancellationToken) => ways.IsLastAdministratorAsync(db.Users, person, cancellationToken);

    private static PersonState StateOf(PortalUser person) =>
        person.DisabledAt is not null ? PersonState.Disabled : person is { PasswordHash: null, ExternalSubject: null } ? PersonState.Invited : PersonState.Active;

    private IQueryable<PortalUser> Linked(PortalDb db, string code)
    {
        var hash = OneTimeValue.Hash(code);
        var now = clock.GetUtcNow();
        return db.Users.Where(person => person.LinkHash == hash && person.LinkExpiresAt > now && person.DisabledAt == null && !person.LinkLetsIn);
    }

    private OneTimeLink GiveLink(PortalUser person)
    {
        var code = OneTimeValue.Create();
        var expires = clock.GetUtcNow() + LinkLifetime;
        person.LinkHash = OneTimeValue.Hash(code);
        person.LinkExpiresAt = expires;
        person.LinkLetsIn = false;
        return new OneTimeLink(Name(person), $"{addresses.PublicBaseUrl}/join?code={code}", expires);
    }

    // With the other stamp, whoever has read the person before this saves nothing over it.
    private static void EndSessions(PortalUser person) => (person.SecurityStamp, person.ConcurrencyStamp) = (NewStamp(), NewStamp());

    private static string NewStamp() => Guid.NewGuid().ToString("N");

    private static string Name(PortalUser person) => person.Email ?? person.UserName ?? "";

    // What cannot be read is told as the role that it works as: none above the least.
    private static Role Known(Role role) => Enum.IsDefined(role) ? role : Role.Viewer;

    private void Note(PortalDb db, Actor actor, ActivityAction action, PortalUser person, string? detail = null) =>
        db.Note(actor, clock.GetUtcNow(), action, Name(person), detail: detail);

    private Problem Last(PortalUser person) => new(ProblemKind.NotNow, texts["Person.Last", Name(person)]);

    private Problem NoPasswords() => new(ProblemKind.NotNow, texts["Person.NoPasswords", ways.AuthorityName]);

    private Problem LinkGone() => new(ProblemKind.NotFound, texts["Person.LinkGone"]);
}
