using System.Buffers.Text;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Users;

/// <summary>The sign-in methods of a user: password, authenticator app, recovery codes, passkeys. Users change their own.</summary>
/// <remarks>
/// The caller has asked for a proof of identity: see <see cref="PersonProof.CheckChangeAsync(Actor, string?, CancellationToken)"/>.
/// A change is refused if the session that asked for it has ended since. A role is not needed: where a second factor is
/// required, a user without one has no role.
/// </remarks>
public sealed class FactorService(
    IDbContextFactory<PortalDb> databases,
    IServiceScopeFactory scopes,
    ISecretBox secrets,
    PortalAddresses addresses,
    AttemptLimiter limiter,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>How long the key of an authenticator app can be confirmed after it was made.</summary>
    public static readonly TimeSpan SetupLifetime = TimeSpan.FromMinutes(15);

    /// <summary>From how few recovery codes on a person is told to make new ones.</summary>
    public const int FewRecoveryCodes = 3;

    /// <summary>What a person has.</summary>
    public async Task<PersonFactors?> FindAsync(Guid person, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == person, cancellationToken).ConfigureAwait(false) is not { } found) return null;
        var passkeys = await db.UserPasskeys.AsNoTracking().Where(passkey => passkey.UserId == person).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new PersonFactors(Name(found), found.Role)
        {
            HasPassword = found.PasswordHash is not null,
            HasAuthenticator = found.HasAuthenticator,
            RecoveryCodesLeft = await db.RecoveryCodes.CountAsync(code => code.PersonId == person, cancellationToken).ConfigureAwait(false),
            Passkeys = [.. passkeys.OrderBy(passkey => passkey.Data.CreatedAt).Select(passkey => new PasskeyLine(IdOf(passkey.CredentialId), NameOf(passkey), passkey.Data.CreatedAt, passkey.LastUsedAt))],
        };
    }

    /// <summary>Whether nothing is missing for a user where a second factor is required: the authority of single sign-on answers for users without a password.</summary>
    public async Task<bool> MeetsRequirementAsync(Guid person, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await RequiredSecondFactor.IsMetAsync(db, person, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Erases keys of authenticator apps that were not confirmed in time.</summary>
    internal static Task ErasePendingAsync(PortalDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - SetupLifetime;
        return db.Users.Where(row => !row.TwoFactorEnabled && row.AuthenticatorKey != null && (row.AuthenticatorBegunAt == null || row.AuthenticatorBegunAt <= before))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.AuthenticatorKey, (Sealed?)null).SetProperty(row => row.AuthenticatorBegunAt, (DateTimeOffset?)null), cancellationToken);
    }

    /// <summary>
    /// Makes a key for the user's app. It has no effect until a code of it was entered, which has to happen within
    /// <see cref="SetupLifetime"/> and in the same session. A key that was made before and not confirmed becomes invalid.
    /// </summary>
    /// <returns>The key: a secret, to be shown once.</returns>
    public Task<Result<AuthenticatorSetup>> BeginAuthenticatorAsync(Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<AuthenticatorSetup>(actor, (_, person) =>
        {
            if (person.HasAuthenticator) return Task.FromResult<Result<AuthenticatorSetup>>(new Problem(ProblemKind.NotNow, texts["Factor.HasAuthenticator"]));
            var key = TimeCodes.CreateKey();
            person.TwoFactorEnabled = false;
            person.AuthenticatorKey = SealKey(person, PendingKey.Write(key, actor.SessionId));
            person.AuthenticatorBegunAt = clock.GetUtcNow();
            return Task.FromResult<Result<AuthenticatorSetup>>(SetupOf(person, key));
        }, cancellationToken);

    /// <summary>
    /// The key that is being set up in this session, to be shown again beside a wrong code. Other sessions of the user have not
    /// proved the identity for it.
    /// </summary>
    public async Task<Result<AuthenticatorSetup>> ReadPendingAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == actor.PersonId, cancellationToken).ConfigureAwait(false);
        return user is { HasAuthenticator: false } person && TryOpenPending(person, actor) is { } key
            ? SetupOf(person, key)
            : new Problem(ProblemKind.NotNow, texts["Factor.NotBegun"]);
    }

    /// <summary>Makes the app the user's second factor, if a code shows that it has the key; other sessions end. The code counts as a proof inside the session.</summary>
    /// <returns>The recovery codes: secrets, to be shown once.</returns>
    public async Task<Result<IReadOnlyList<string>>> ConfirmAuthenticatorAsync(string? code, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.PersonId is not { } id) return Gone();
        if (string.IsNullOrWhiteSpace(code)) return WrongCode();
        if (await limiter.BeginAsync(id, AttemptKind.Proof, null, cancellationToken).ConfigureAwait(false) is not { } attempt)
            return new Problem(ProblemKind.Invalid, texts["Proof.LockedOut"], "Code");
        if (TimeCodes.Read(code) is not { } read) return WrongCode();
        string? stamp = null;
        var confirmed = await ConfirmAuthenticatorWithAsync(read, actor, person => stamp = person.SecurityStamp, cancellationToken).ConfigureAwait(false);
        if (confirmed.Succeeded) _ = await limiter.SucceedAsync(attempt, stamp, cancellationToken).ConfigureAwait(false);
        return confirmed;
    }

    private Task<Result<IReadOnlyList<string>>> ConfirmAuthenticatorWithAsync(string code, Actor actor, Action<PortalUser> changed, CancellationToken cancellationToken) =>
        ChangeAsync<IReadOnlyList<string>>(actor, async (db, person) =>
        {
            if (person.HasAuthenticator) return new Problem(ProblemKind.NotNow, texts["Factor.HasAuthenticator"]);
            if (TryOpenPending(person, actor) is not { } key) return new Problem(ProblemKind.NotNow, texts["Factor.NotBegun"]);
            if (TimeCodes.FindStep(key, code, clock.GetUtcNow()) is not { } step) return WrongCode();
            person.AuthenticatorKey = SealKey(person, key);
            person.TwoFactorEnabled = true;
            person.AuthenticatorBegunAt = null;
            EndSessions(person);
            changed(person);
            // The code that showed it is used up by that.
            await db.Users.Where(row => row.Id == person.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.LastCodeStep, (long?)step), cancellationToken).ConfigureAwait(false);
            Note(db, actor, ActivityAction.AuthenticatorSet, person);
            return await GiveCodesAsync(db, person, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>Takes the app away, and the recovery codes with it; other sessions end.</summary>
    public Task<Result<Done>> RemoveAuthenticatorAsync(Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<Done>(actor, async (db, person) =>
        {
            if (!person.HasAuthenticator) return default(Done);
            await TakeAuthenticatorAsync(db, person, cancellationToken).ConfigureAwait(false);
            EndSessions(person);
            Note(db, actor, ActivityAction.AuthenticatorRemoved, person);
            return default(Done);
        }, cancellationToken);

    /// <summary>Makes recovery codes anew; those from before are dead.</summary>
    /// <returns>The codes: secrets, to be shown once.</returns>
    public Task<Result<IReadOnlyList<string>>> MakeRecoveryCodesAsync(Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<IReadOnlyList<string>>(actor, async (db, person) =>
        {
            if (!person.HasAuthenticator) return new Problem(ProblemKind.NotNow, texts["Factor.NoAuthenticator"]);
            Note(db, actor, ActivityAction.RecoveryCodesMade, person);
            return await GiveCodesAsync(db, person, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>Uses up a code of the person's app: each is taken once, and none that is older than one that was taken.</summary>
    /// <param name="person">Whose app.</param>
    /// <param name="code">What was entered.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was good. One conditional update decides: of two who bring the same code at once, one is refused.</returns>
    public async Task<bool> UseCodeAsync(Guid person, string? code, CancellationToken cancellationToken)
    {
        if (TimeCodes.Read(code) is not { } read) return false;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == person, cancellationToken).ConfigureAwait(false) is not { HasAuthenticator: true } found) return false;
        if (TryOpen(found) is not { } opened || TimeCodes.FindStep(opened, read, clock.GetUtcNow()) is not { } step) return false;
        var key = found.AuthenticatorKey;
        return await db.Users
            .Where(row => row.Id == person && row.TwoFactorEnabled && row.AuthenticatorKey == key && (row.LastCodeStep == null || row.LastCodeStep < step))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LastCodeStep, (long?)step), cancellationToken).ConfigureAwait(false) == 1;
    }

    /// <summary>Uses up a recovery code, and writes it down.</summary>
    /// <param name="code">What was entered.</param>
    /// <param name="actor">Whose code; the person need not be signed in yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was good. One conditional delete decides: of two who bring the same code at once, one is refused.</returns>
    public async Task<bool> UseRecoveryCodeAsync(string? code, Actor actor, CancellationToken cancellationToken)
    {
        if (RecoveryCodes.Read(code) is not { } read || actor.PersonId is not { } id) return false;
        var hash = RecoveryCodes.Hash(read);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false) is not { HasAuthenticator: true } person) return false;
        if (await db.RecoveryCodes.Where(stored => stored.PersonId == id && stored.Hash == hash).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) != 1) return false;
        var left = await db.RecoveryCodes.CountAsync(stored => stored.PersonId == id, cancellationToken).ConfigureAwait(false);
        Note(db, actor, ActivityAction.RecoveryCodeUsed, person, texts["Factor.CodesLeft", left]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Whether another passkey may be added, before the browser makes one; and whether its name will do.</summary>
    public async Task<Problem?> CheckPasskeyAsync(string? name, Actor actor, CancellationToken cancellationToken)
    {
        if (CheckName(name) is { } wrong) return wrong;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.UserPasskeys.CountAsync(passkey => passkey.UserId == actor.PersonId, cancellationToken).ConfigureAwait(false) < PortalPasskey.MaxCount
            ? null
            : TooManyPasskeys();
    }

    /// <summary>Keeps a passkey that the browser made and that was verified.</summary>
    public Task<Result<Done>> AddPasskeyAsync(UserPasskeyInfo passkey, string? name, Actor actor, CancellationToken cancellationToken)
    {
        if (CheckName(name) is { } wrong) return Task.FromResult<Result<Done>>(wrong);
        return ChangeAsync<Done>(actor, async (db, person) =>
        {
            if (await db.UserPasskeys.CountAsync(one => one.UserId == person.Id, cancellationToken).ConfigureAwait(false) >= PortalPasskey.MaxCount) return TooManyPasskeys();
            var id = passkey.CredentialId;
            if (await db.UserPasskeys.AnyAsync(one => one.CredentialId == id, cancellationToken).ConfigureAwait(false)) return new Problem(ProblemKind.NotNow, texts["Passkey.Exists"]);
            db.UserPasskeys.Add(new PortalPasskey
            {
                UserId = person.Id,
                CredentialId = id,
                Data = new IdentityPasskeyData
                {
                    PublicKey = passkey.PublicKey,
                    Name = name!.Trim(),
                    CreatedAt = passkey.CreatedAt,
                    SignCount = passkey.SignCount,
                    Transports = passkey.Transports,
                    IsUserVerified = passkey.IsUserVerified,
                    IsBackupEligible = passkey.IsBackupEligible,
                    IsBackedUp = passkey.IsBackedUp,
                    AttestationObject = passkey.AttestationObject,
                    ClientDataJson = passkey.ClientDataJson,
                },
            });
            Note(db, actor, ActivityAction.PasskeyAdded, person, name!.Trim());
            return default(Done);
        }, cancellationToken);
    }

    /// <summary>Gives a passkey another name.</summary>
    public Task<Result<Done>> RenamePasskeyAsync(string? id, string? name, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<Done>(actor, async (db, person) =>
        {
            if (CheckName(name) is { } wrong) return wrong;
            if (await FindPasskeyAsync(db, person, id, cancellationToken).ConfigureAwait(false) is not { } passkey) return new Problem(ProblemKind.NotFound, texts["Passkey.Gone"]);
            var (before, after) = (NameOf(passkey), name!.Trim());
            if (before == after) return default(Done);
            passkey.Data.Name = after;
            Note(db, actor, ActivityAction.PasskeyRenamed, person, texts["Person.RoleFromTo", before, after]);
            return default(Done);
        }, cancellationToken);

    /// <summary>Removes a passkey; other sessions end, also those that were begun with it.</summary>
    public Task<Result<Done>> RemovePasskeyAsync(string? id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<Done>(actor, async (db, person) =>
        {
            if (await FindPasskeyAsync(db, person, id, cancellationToken).ConfigureAwait(false) is not { } passkey) return new Problem(ProblemKind.NotFound, texts["Passkey.Gone"]);
            db.UserPasskeys.Remove(passkey);
            EndSessions(person);
            Note(db, actor, ActivityAction.PasskeyRemoved, person, NameOf(passkey));
            return default(Done);
        }, cancellationToken);

    /// <summary>Remembers that a person has signed in with a passkey just now.</summary>
    public async Task MarkPasskeyAsync(byte[] id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        await db.UserPasskeys.Where(passkey => passkey.CredentialId == id)
            .ExecuteUpdateAsync(set => set.SetProperty(passkey => passkey.LastUsedAt, (DateTimeOffset?)now), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets another password; other sessions end, and a one-time link that is open is dead.</summary>
    /// <returns>What is wrong with the password.</returns>
    public async Task<Result<Done>> ChangePasswordAsync(string password, Actor actor, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var identity = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        if (actor.PersonId is not { } id || await identity.FindByIdAsync(id.ToString()).ConfigureAwait(false) is not { } found) return Gone();
        var hashed = await PasswordVerifier.HashAsync(identity, found, password, "NewPassword").ConfigureAwait(false);
        if (!hashed.Succeeded) return hashed.Problems.ToArray();
        return await ChangeAsync<Done>(actor, async (db, person) =>
        {
            person.PasswordHash = hashed.Value;
            person.LinkHash = null;
            person.LinkExpiresAt = null;
            EndSessions(person);
            await KnownBrowsers.ForgetAllAsync(db, person.Id, cancellationToken).ConfigureAwait(false);
            Note(db, actor, ActivityAction.PasswordChanged, person);
            return default(Done);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the authenticator app and the recovery codes away, in the caller's transaction.</summary>
    internal static async Task TakeAuthenticatorAsync(PortalDb db, PortalUser person, CancellationToken cancellationToken)
    {
        person.TwoFactorEnabled = false;
        person.AuthenticatorKey = null;
        person.AuthenticatorBegunAt = null;
        await db.RecoveryCodes.Where(code => code.PersonId == person.Id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string[]> GiveCodesAsync(PortalDb db, PortalUser person, CancellationToken cancellationToken)
    {
        await db.RecoveryCodes.Where(code => code.PersonId == person.Id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        var codes = RecoveryCodes.Create();
        foreach (var code in codes) db.RecoveryCodes.Add(new RecoveryCode { PersonId = person.Id, Hash = RecoveryCodes.Hash(RecoveryCodes.Read(code)!) });
        return [.. codes];
    }

    // On SQLite, the transaction begins as the writer: what is checked in it holds until it ends.
    private async Task<Result<T>> ChangeAsync<T>(Actor actor, Func<PortalDb, PortalUser, Task<Result<T>>> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (actor.PersonId is not { } id
            || await db.Users.SingleOrDefaultAsync(row => row.Id == id && row.DisabledAt == null, cancellationToken).ConfigureAwait(false) is not { } person) return Gone();
        if (actor.SessionId is { } session
            && !await db.Current(options.Value.Sessions, clock.GetUtcNow()).AnyAsync(row => row.Id == session && row.PersonId == id, cancellationToken).ConfigureAwait(false))
            return new Problem(ProblemKind.NotNow, texts["Confirmation.SessionOver"]);
        var result = await change(db, person).ConfigureAwait(false);
        if (!result.Succeeded) return result;
        // Whoever has read the person before this saves nothing over it.
        person.ConcurrencyStamp = Guid.NewGuid().ToString();
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    private static async Task<PortalPasskey?> FindPasskeyAsync(PortalDb db, PortalUser person, string? id, CancellationToken cancellationToken)
    {
        // 1023 bytes at the most, by the standard.
        if (id is not { Length: > 0 and <= 1400 } || !Base64Url.IsValid(id)) return null;
        var credential = Base64Url.DecodeFromChars(id);
        return await db.UserPasskeys.SingleOrDefaultAsync(passkey => passkey.UserId == person.Id && passkey.CredentialId == credential, cancellationToken).ConfigureAwait(false);
    }

    private Problem? CheckName(string? name) => name?.Trim() switch
    {
        null or "" => new Problem(ProblemKind.Invalid, texts["Passkey.NameRequired"], "Name"),
        { Length: > PortalPasskey.MaxNameLength } => new Problem(ProblemKind.Invalid, texts["Passkey.NameTooLong", PortalPasskey.MaxNameLength], "Name"),
        var text when text.Any(char.IsControl) => new Problem(ProblemKind.Invalid, texts["Passkey.NameControl"], "Name"),
        _ => null,
    };

    // A key that does not open keeps nobody from a recovery code; doctor tells of it.
    private string? TryOpen(PortalUser person)
    {
        try
        {
            return person.AuthenticatorKeyOf is { } key ? secrets.Open(key, SecretOrigin.Nowhere) : null;
        }
        catch (SecretUnreadableException)
        {
            return null;
        }
    }

    // A key without a time or a session is from a release that did not store them.
    private string? TryOpenPending(PortalUser person, Actor actor) =>
        person.AuthenticatorBegunAt > clock.GetUtcNow() - SetupLifetime && TryOpen(person) is { } stored
            ? PendingKey.Read(stored, actor.SessionId)
            : null;

    private Sealed SealKey(PortalUser person, string text) =>
        secrets.Seal(SecretKind.AuthenticatorKey, person.Id, SecretOrigin.Nowhere, text);

    // Several portals of one person are told apart by their hosts.
    private AuthenticatorSetup SetupOf(PortalUser person, string key)
    {
        var issuer = Uri.EscapeDataString($"AdminPortal {new Uri(addresses.PublicBaseUrl).Authority}".Replace(':', ' '));
        return new AuthenticatorSetup(key, $"otpauth://totp/{issuer}:{Uri.EscapeDataString(Name(person))}?secret={key}&issuer={issuer}&algorithm=SHA1&digits={TimeCodes.Digits}&period=30");
    }

    private static void EndSessions(PortalUser person) => person.SecurityStamp = Guid.NewGuid().ToString("N");

    private static string IdOf(byte[] credential) => Base64Url.EncodeToString(credential);

    private static string NameOf(PortalPasskey passkey) => passkey.Data.Name ?? "";

    private static string Name(PortalUser person) => person.Email ?? person.UserName ?? "";

    private void Note(PortalDb db, Actor actor, ActivityAction action, PortalUser person, string? detail = null) =>
        db.Note(actor, clock.GetUtcNow(), action, Name(person), detail: detail);

    private Problem WrongCode() => new(ProblemKind.Invalid, texts["Factor.WrongCode"], "Code");

    private Problem TooManyPasskeys() => new(ProblemKind.NotNow, texts["Passkey.TooMany", PortalPasskey.MaxCount]);

    private Problem Gone() => new(ProblemKind.NotFound, texts["Person.Gone"]);
}
