using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.SignIn;

/// <summary>Whether somebody who is signed in, or nearly, is the person.</summary>
public sealed class SecondFactor(SignInManager<PortalUser> signIn, SignInNames names, AccessRecord record, IServiceScopeFactory scopes, IStringLocalizer<SignInText> texts)
{
    private UserManager<PortalUser> People => signIn.UserManager;

    /// <summary>
    /// Uses up a code of the person's authenticator app: a second time it is refused, wherever it is entered. It counts no
    /// failure; who calls it does.
    /// </summary>
    public Task<bool> VerifyAsync(PortalUser person, string? code) =>
        string.IsNullOrWhiteSpace(code) || !person.HasAuthenticator
            ? Task.FromResult(false)
            : People.VerifyTwoFactorTokenAsync(person, People.Options.Tokens.AuthenticatorTokenProvider, code);

    /// <summary>
    /// Asks somebody who is signed in for the password or a code of the app, before anything is changed with which the person
    /// signs in: a session that was left open, or stolen, is not enough. Failures count as those of signing in do.
    /// </summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="passwordOrCode">What was entered.</param>
    /// <param name="passwordOnly">Whether a code will not do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What stands in the way; null for nothing.</returns>
    public async Task<Problem?> ProveAsync(Actor actor, string? passwordOrCode, bool passwordOnly, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(passwordOrCode)) return Wrong(texts["Proof.Required"]);
        if (passwordOrCode.Length > Credentials.MaxPasswordLength) return Wrong(texts["Password.TooLong", Credentials.MaxPasswordLength]);
        if (actor.PersonId is not { } id || await People.FindByIdAsync(id.ToString()) is not { } person) return Wrong(texts["Proof.Wrong"]);
        using var lease = names.Try(person.NormalizedUserName ?? "");
        if (!lease.IsAcquired) return Wrong(texts["SignIn.TooOften"]);
        if (!await People.IsLockedOutAsync(person))
        {
            if ((!passwordOnly && await VerifyAsync(person, passwordOrCode)) || await People.CheckPasswordAsync(person, passwordOrCode))
            {
                if (person.AccessFailedCount > 0) _ = await People.ResetAccessFailedCountAsync(person);
                return null;
            }

            _ = await People.AccessFailedAsync(person);
        }

        await record.ProofRefusedAsync(actor, cancellationToken);
        return Wrong(texts["Proof.Wrong"]);
    }

    /// <summary>Signs the person of this request in again, after a change that ended all sessions.</summary>
    public async Task RenewAsync(Actor actor)
    {
        // What this request has read of the person is from before the change.
        await using var scope = scopes.CreateAsyncScope();
        var fresh = scope.ServiceProvider.GetRequiredService<SignInManager<PortalUser>>();
        if (actor.PersonId is { } id && await fresh.UserManager.FindByIdAsync(id.ToString()) is { } person) await fresh.RefreshSignInAsync(person);
    }

    private static Problem Wrong(string sentence) => new(ProblemKind.Invalid, sentence, "Proof");
}
