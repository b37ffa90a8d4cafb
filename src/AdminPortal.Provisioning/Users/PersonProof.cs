using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Users;

/// <summary>
/// Asks a signed-in user to prove the identity again: for re-authentication, and before the sign-in methods are changed. Both
/// share one counter of attempts, which failed sign-ins do not touch.
/// </summary>
public sealed class PersonProof(
    IDbContextFactory<PortalDb> databases, IServiceScopeFactory scopes, AttemptLimiter limiter, IOptions<PortalOptions> options, TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>The longest secret that is evaluated.</summary>
    public const int MaxLength = 128;

    /// <summary>The field of a re-authentication that problems point at.</summary>
    public const string Field = "Secret";

    /// <summary>The field of a change of the sign-in methods with the password, or with the code where the password is not asked for.</summary>
    public const string ProofField = "Proof";

    /// <summary>The field with the code, where the password is asked for too.</summary>
    public const string CodeField = "Code";

    /// <summary>What the user is asked for at a re-authentication.</summary>
    public async Task<ProofKind> FindKindAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await FindAsync(db, actor, cancellationToken).ConfigureAwait(false) is { } user
            ? KindOf(user, await HasPasskeysAsync(db, user, cancellationToken).ConfigureAwait(false))
            : ProofKind.SignIn;
    }

    /// <summary>What the user is asked for before the sign-in methods are changed.</summary>
    public async Task<ChangeProofKind> FindChangeKindAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await FindAsync(db, actor, cancellationToken).ConfigureAwait(false) is not { } user) return ChangeProofKind.Password;
        return ChangeKindOf(user, await SessionAsync(db, actor, cancellationToken).ConfigureAwait(false), await HasPasskeysAsync(db, user, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Evaluates a re-authentication; from then on the session counts as confirmed for a while.</summary>
    /// <param name="actor">Who is asked.</param>
    /// <param name="secret">The password or the authenticator code.</param>
    /// <param name="cancellationToken">Cancels before it is evaluated.</param>
    public async Task<Result<Done>> ConfirmAsync(Actor actor, string? secret, CancellationToken cancellationToken)
    {
        if (await CheckAsync(actor, secret, cancellationToken).ConfigureAwait(false) is { } problem) return problem;
        await NoteAsync(actor, ActivityAction.Confirmed, null, cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>The session's user has just used a passkey: it is a re-authentication, and proves the identity for changes of the sign-in methods.</summary>
    public async Task<Result<Done>> ConfirmPasskeyAsync(Actor actor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var confirmed = await Sessions(db, actor).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.ConfirmedAt, now).SetProperty(row => row.PasskeyUsedAt, (DateTimeOffset?)now), cancellationToken).ConfigureAwait(false);
        if (confirmed != 1) return SessionOver();
        await NoteAsync(actor, ActivityAction.Confirmed, texts["SignInFactor.Passkey"], cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>The same as <see cref="ConfirmAsync"/>, for callers that record what they do.</summary>
    /// <returns>What is wrong with the proof; null for a right one. A wrong one is recorded.</returns>
    internal async Task<Problem?> CheckAsync(Actor actor, string? secret, CancellationToken cancellationToken)
    {
        if (actor.IsPortal) return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await SessionAsync(db, actor, cancellationToken).ConfigureAwait(false) is not { } session || await FindAsync(db, actor, cancellationToken).ConfigureAwait(false) is not { } user)
            return SessionOver();

        var kind = KindOf(user, await HasPasskeysAsync(db, user, cancellationToken).ConfigureAwait(false));
        if (kind is ProofKind.SignIn or ProofKind.Passkey)
        {
            var provenAt = kind == ProofKind.Passkey ? session.PasskeyUsedAt : session.ConfirmedAt;
            return provenAt > clock.GetUtcNow() - options.Value.Sessions.ConfirmationLifetime
                ? null
                : new Problem(ProblemKind.ConfirmationNeeded, texts[$"Proof.{kind}"]);
        }

        if (string.IsNullOrEmpty(secret)) return new Problem(ProblemKind.Invalid, texts[$"Proof.{kind}.Required"], Field);
        var result = await EvaluateAsync(
            actor, user, kind == ProofKind.Password ? secret : null, kind == ProofKind.Code ? secret : null, takesRecoveryCodes: false, cancellationToken).ConfigureAwait(false);
        return result switch
        {
            Evaluation.Right => null,
            Evaluation.SessionOver => SessionOver(),
            Evaluation.Locked => await RefuseAsync(actor, ActivityAction.ConfirmationRefused, texts["Proof.LockedOut"], Field, cancellationToken).ConfigureAwait(false),
            _ => await RefuseAsync(actor, ActivityAction.ConfirmationRefused, texts[$"Proof.{kind}.Wrong"], Field, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>
    /// Evaluates the proof for a change of the sign-in methods. An open session is not enough, and neither is the password of a
    /// user with a second factor: it takes an authenticator code, a recovery code, or a passkey that was used a moment ago in the
    /// session. A user without a second factor proves the identity by the password.
    /// </summary>
    /// <param name="actor">Who changes the methods.</param>
    /// <param name="proof">The password, or the code where the password is not asked for: see <see cref="FindChangeKindAsync"/>.</param>
    /// <param name="cancellationToken">Cancels before it is evaluated.</param>
    /// <returns>What is wrong with the proof; null for a right one. A wrong one is recorded.</returns>
    public Task<Problem?> CheckChangeAsync(Actor actor, string? proof, CancellationToken cancellationToken) =>
        CheckChangeAsync(actor, proof, proof, ProofField, changesPassword: false, cancellationToken);

    /// <summary>The same for a change of the password, which asks for the present one in any case.</summary>
    public Task<Problem?> CheckPasswordChangeAsync(Actor actor, string? password, string? code, CancellationToken cancellationToken) =>
        CheckChangeAsync(actor, password, code, CodeField, changesPassword: true, cancellationToken);

    private async Task<Problem?> CheckChangeAsync(Actor actor, string? password, string? code, string codeField, bool changesPassword, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await SessionAsync(db, actor, cancellationToken).ConfigureAwait(false) is not { } session || await FindAsync(db, actor, cancellationToken).ConfigureAwait(false) is not { } user)
            return SessionOver();

        var kind = ChangeKindOf(user, session, await HasPasskeysAsync(db, user, cancellationToken).ConfigureAwait(false));
        if (kind == ChangeProofKind.Passkey) return new Problem(ProblemKind.NotNow, texts["ChangeProof.Passkey"], ProofField);
        var needsCode = kind == ChangeProofKind.Code;
        var needsPassword = changesPassword || kind == ChangeProofKind.Password;
        if (needsPassword && string.IsNullOrEmpty(password)) return new Problem(ProblemKind.Invalid, texts["Proof.Password.Required"], ProofField);
        if (needsCode && string.IsNullOrWhiteSpace(code)) return new Problem(ProblemKind.Invalid, texts["ChangeProof.Code.Required"], codeField);
        if (!needsPassword && !needsCode) return null;

        var result = await EvaluateAsync(actor, user, needsPassword ? password : null, needsCode ? code : null, takesRecoveryCodes: true, cancellationToken).ConfigureAwait(false);
        return result switch
        {
            Evaluation.Right => null,
            Evaluation.SessionOver => SessionOver(),
            Evaluation.Locked => await RefuseAsync(actor, ActivityAction.ProofRefused, texts["Proof.LockedOut"], ProofField, cancellationToken).ConfigureAwait(false),
            Evaluation.WrongPassword => await RefuseAsync(actor, ActivityAction.ProofRefused, texts["Proof.Password.Wrong"], ProofField, cancellationToken).ConfigureAwait(false),
            _ => await RefuseAsync(actor, ActivityAction.ProofRefused, texts["ChangeProof.Code.Wrong"], codeField, cancellationToken).ConfigureAwait(false),
        };
    }

    // Counted first, then evaluated. What is not asked for is null.
    private async Task<Evaluation> EvaluateAsync(Actor actor, PortalUser user, string? password, string? code, bool takesRecoveryCodes, CancellationToken cancellationToken)
    {
        if (await limiter.BeginAsync(user.Id, AttemptKind.Proof, null, cancellationToken).ConfigureAwait(false) is not { } attempt) return Evaluation.Locked;
        // The services of Identity exist where users sign in, and not in commands.
        await using var scope = scopes.CreateAsyncScope();
        if (password is not null
            && (password.Length > MaxLength || !await scope.ServiceProvider.GetRequiredService<PasswordVerifier>().VerifyAsync(user, password, cancellationToken).ConfigureAwait(false)))
            return Evaluation.WrongPassword;
        if (code is not null)
        {
            var factors = scope.ServiceProvider.GetRequiredService<FactorService>();
            if (!await factors.UseCodeAsync(user.Id, code, cancellationToken).ConfigureAwait(false)
                && !(takesRecoveryCodes && await factors.UseRecoveryCodeAsync(code, actor, cancellationToken).ConfigureAwait(false)))
                return Evaluation.WrongCode;
        }

        if (!await limiter.SucceedAsync(attempt, user.SecurityStamp, cancellationToken).ConfigureAwait(false)) return Evaluation.SessionOver;
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        // The session may have ended while the secret was evaluated.
        return await Sessions(db, actor).ExecuteUpdateAsync(set => set.SetProperty(row => row.ConfirmedAt, now), cancellationToken).ConfigureAwait(false) == 1
            ? Evaluation.Right
            : Evaluation.SessionOver;
    }

    private static ProofKind KindOf(PortalUser user, bool hasPasskeys) =>
        user.HasAuthenticator ? ProofKind.Code
        : user.PasswordHash is null ? ProofKind.SignIn
        : hasPasskeys ? ProofKind.Passkey
        : ProofKind.Password;

    private ChangeProofKind ChangeKindOf(PortalUser user, PersonSession? session, bool hasPasskeys) =>
        hasPasskeys && session?.PasskeyUsedAt > clock.GetUtcNow() - options.Value.Sessions.ConfirmationLifetime ? ChangeProofKind.Done
        : user.HasAuthenticator ? ChangeProofKind.Code
        : hasPasskeys ? ChangeProofKind.Passkey
        : ChangeProofKind.Password;

    private static Task<bool> HasPasskeysAsync(PortalDb db, PortalUser user, CancellationToken cancellationToken) =>
        db.UserPasskeys.AnyAsync(passkey => passkey.UserId == user.Id, cancellationToken);

    private static async Task<PortalUser?> FindAsync(PortalDb db, Actor actor, CancellationToken cancellationToken) =>
        actor.PersonId is { } id ? await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken).ConfigureAwait(false) : null;

    private Task<PersonSession?> SessionAsync(PortalDb db, Actor actor, CancellationToken cancellationToken) =>
        Sessions(db, actor).AsNoTracking().SingleOrDefaultAsync(cancellationToken);

    private IQueryable<PersonSession> Sessions(PortalDb db, Actor actor) =>
        db.Current(options.Value.Sessions, clock.GetUtcNow()).Where(row => row.Id == actor.SessionId && row.PersonId == actor.PersonId);

    private Problem SessionOver() => new(ProblemKind.NotNow, texts["Confirmation.SessionOver"]);

    private async Task<Problem> RefuseAsync(Actor actor, ActivityAction action, string sentence, string field, CancellationToken cancellationToken)
    {
        await NoteAsync(actor, action, sentence, cancellationToken).ConfigureAwait(false);
        return new Problem(ProblemKind.Invalid, sentence, field);
    }

    private async Task NoteAsync(Actor actor, ActivityAction action, string? detail, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), action, actor.Name ?? "", succeeded: action == ActivityAction.Confirmed, detail);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
    }

    private enum Evaluation
    {
        Right,
        WrongPassword,
        WrongCode,
        Locked,
        SessionOver,
    }
}
