using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.People;

/// <summary>
/// Asks a person who is signed in to prove once more who they are, with the password or a code of the authenticator. Wrong
/// ones count as they do at the sign-in, and lock the person out like there.
/// </summary>
public sealed class PersonProof(
    IDbContextFactory<PortalDb> databases, IServiceScopeFactory scopes, IOptions<PortalOptions> options, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>The longest secret that is looked at.</summary>
    public const int MaxLength = 128;

    /// <summary>The input's name that problems point at.</summary>
    public const string Field = "Secret";

    /// <summary>What the person is to be asked for.</summary>
    public async Task<ProofKind> FindKindAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var identity = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        cancellationToken.ThrowIfCancellationRequested();
        return await FindAsync(identity, actor).ConfigureAwait(false) is { } person ? await KindOfAsync(identity, person).ConfigureAwait(false) : ProofKind.SignIn;
    }

    /// <summary>Looks at the proof; from then on the person's session counts as confirmed for a while.</summary>
    /// <param name="actor">Who is asked.</param>
    /// <param name="secret">The password or the code.</param>
    /// <param name="cancellationToken">Gives up before it is looked at.</param>
    public async Task<Result<Done>> ConfirmAsync(Actor actor, string? secret, CancellationToken cancellationToken)
    {
        if (await CheckAsync(actor, secret, cancellationToken).ConfigureAwait(false) is { } problem) return problem;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), ActivityAction.Confirmed, actor.Name ?? "");
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>The same for what is written down by whoever asks.</summary>
    /// <returns>What is wrong with it; null for a good one. A wrong one is written down.</returns>
    internal async Task<Problem?> CheckAsync(Actor actor, string? secret, CancellationToken cancellationToken)
    {
        if (actor.IsPortal) return null;
        await using var scope = scopes.CreateAsyncScope();
        var identity = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        if (await SessionAsync(actor, cancellationToken).ConfigureAwait(false) is not { } session || await FindAsync(identity, actor).ConfigureAwait(false) is not { } person)
            return new Problem(ProblemKind.NotNow, texts["Confirmation.SessionOver"]);

        var kind = await KindOfAsync(identity, person).ConfigureAwait(false);
        if (kind == ProofKind.SignIn)
        {
            return session.ConfirmedAt > clock.GetUtcNow() - options.Value.Sessions.ConfirmationLifetime
                ? null
                : new Problem(ProblemKind.ConfirmationNeeded, texts["Proof.SignIn"]);
        }

        if (string.IsNullOrEmpty(secret)) return new Problem(ProblemKind.Invalid, texts[$"Proof.{kind}.Required"], Field);
        // Who is locked out is told nothing of what was entered.
        if (await identity.IsLockedOutAsync(person).ConfigureAwait(false)) return await RefuseAsync(actor, texts["Proof.LockedOut"], cancellationToken).ConfigureAwait(false);
        if (secret.Length > MaxLength || !await IsRightAsync(identity, person, kind, secret).ConfigureAwait(false))
        {
            _ = await identity.AccessFailedAsync(person).ConfigureAwait(false);
            return await RefuseAsync(actor, texts[$"Proof.{kind}.Wrong"], cancellationToken).ConfigureAwait(false);
        }

        if (person.AccessFailedCount > 0) _ = await identity.ResetAccessFailedCountAsync(person).ConfigureAwait(false);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        await db.Sessions.Where(row => row.Id == session.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.ConfirmedAt, now), cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static async Task<bool> IsRightAsync(UserManager<PortalUser> identity, PortalUser person, ProofKind kind, string secret) => kind == ProofKind.Code
        // As authenticators show it, in two groups.
        ? await identity.VerifyTwoFactorTokenAsync(
            person, identity.Options.Tokens.AuthenticatorTokenProvider, secret.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)).ConfigureAwait(false)
        : await identity.CheckPasswordAsync(person, secret).ConfigureAwait(false);

    private static async Task<ProofKind> KindOfAsync(UserManager<PortalUser> identity, PortalUser person) =>
        person.TwoFactorEnabled && !string.IsNullOrEmpty(await identity.GetAuthenticatorKeyAsync(person).ConfigureAwait(false)) ? ProofKind.Code
        : person.PasswordHash is not null ? ProofKind.Password
        : ProofKind.SignIn;

    private static async Task<PortalUser?> FindAsync(UserManager<PortalUser> identity, Actor actor) =>
        actor.PersonId is { } id ? await identity.FindByIdAsync(id.ToString()).ConfigureAwait(false) : null;

    private async Task<PersonSession?> SessionAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (actor is not { PersonId: { } person, SessionId: { } id }) return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.Current(options.Value.Sessions, clock.GetUtcNow()).AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == id && row.PersonId == person, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Problem> RefuseAsync(Actor actor, string sentence, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, clock.GetUtcNow(), ActivityAction.ConfirmationRefused, actor.Name ?? "", succeeded: false, sentence);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return new Problem(ProblemKind.Invalid, sentence, Field);
    }
}
