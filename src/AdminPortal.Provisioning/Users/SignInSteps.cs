using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Users;

/// <summary>What came of one step of a sign-in.</summary>
public enum SignInStepState
{
    /// <summary>The step is wrong, or was not evaluated for another reason than the limit.</summary>
    Refused,

    /// <summary>No further attempt is evaluated for a while: this one was the last, or one too many.</summary>
    Locked,

    /// <summary>The step is right, and another one is needed.</summary>
    NeedsSecondStep,

    /// <summary>The user has proved the identity.</summary>
    Done,
}

/// <summary>The steps of signing in with what the portal itself knows: a password, then an authenticator code or a recovery code.</summary>
public sealed class SignInSteps(
    IDbContextFactory<PortalDb> databases, AttemptLimiter limiter, KnownBrowsers browsers, PasswordVerifier passwords, FactorService factors)
{
    /// <summary>The user with an email address as it was entered; null for none.</summary>
    public async Task<PortalUser?> FindAsync(string address, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await db.FindByAddressAsync(address, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The known browser that a cookie stands for, of the user with this address; null for a stranger's.</summary>
    public async Task<Guid?> FindKnownBrowserAsync(string address, string? cookie, CancellationToken cancellationToken) =>
        cookie is not null && await FindAsync(address, cancellationToken).ConfigureAwait(false) is { } user
            ? await browsers.FindAsync(user.Id, cookie, cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>The first step. Where nothing is evaluated, it takes as long as evaluating a wrong password.</summary>
    /// <param name="user">The user; null where nobody has the address.</param>
    /// <param name="password">The password as entered.</param>
    /// <param name="needsSecondStep">Whether the password is not enough for this user.</param>
    /// <param name="cookie">The cookie of a known browser, if there is one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<SignInStepState> TryPasswordAsync(PortalUser? user, string password, bool needsSecondStep, string? cookie, CancellationToken cancellationToken)
    {
        if (user is null or { DisabledAt: not null })
        {
            passwords.Waste(password);
            return SignInStepState.Refused;
        }

        var browser = await browsers.FindAsync(user.Id, cookie, cancellationToken).ConfigureAwait(false);
        if (await limiter.BeginAsync(user.Id, AttemptKind.SignIn, browser, cancellationToken).ConfigureAwait(false) is not { } attempt)
        {
            passwords.Waste(password);
            return SignInStepState.Locked;
        }

        if (!await passwords.VerifyAsync(user, password, cancellationToken).ConfigureAwait(false)) return attempt.IsLast ? SignInStepState.Locked : SignInStepState.Refused;
        if (needsSecondStep)
            return await limiter.WithdrawAsync(attempt, user.SecurityStamp, cancellationToken).ConfigureAwait(false) ? SignInStepState.NeedsSecondStep : SignInStepState.Refused;
        return await limiter.SucceedAsync(attempt, user.SecurityStamp, cancellationToken).ConfigureAwait(false) ? SignInStepState.Done : SignInStepState.Refused;
    }

    /// <summary>The second step.</summary>
    /// <param name="user">The user whose password was right.</param>
    /// <param name="code">An authenticator code or a recovery code, as entered.</param>
    /// <param name="cookie">The cookie of a known browser, if there is one.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(SignInStepState State, SignInFactor Factor)> TryCodeAsync(PortalUser user, string? code, string? cookie, string? from, CancellationToken cancellationToken)
    {
        if (user.DisabledAt is not null) return (SignInStepState.Refused, default);
        var browser = await browsers.FindAsync(user.Id, cookie, cancellationToken).ConfigureAwait(false);
        if (await limiter.BeginAsync(user.Id, AttemptKind.SignIn, browser, cancellationToken).ConfigureAwait(false) is not { } attempt) return (SignInStepState.Locked, default);
        SignInFactor? factor = await factors.UseCodeAsync(user.Id, code, cancellationToken).ConfigureAwait(false) ? SignInFactor.PasswordAndCode
            : await factors.UseRecoveryCodeAsync(code, new Actor(user.Id, user.UserName) { From = from }, cancellationToken).ConfigureAwait(false) ? SignInFactor.PasswordAndRecoveryCode
            : null;
        if (factor is not { } right) return (attempt.IsLast ? SignInStepState.Locked : SignInStepState.Refused, default);
        return await limiter.SucceedAsync(attempt, user.SecurityStamp, cancellationToken).ConfigureAwait(false) ? (SignInStepState.Done, right) : (SignInStepState.Refused, default);
    }
}
