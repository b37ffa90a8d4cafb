using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Access;

/// <summary>Evaluates the credential that a browser sends after it was asked for a passkey.</summary>
internal static class PasskeyCredential
{
    /// <summary>Browsers send a few kilobytes.</summary>
    private const int MaxCredentialLength = 64 * 1024;

    /// <summary>Re-authenticates the signed-in user.</summary>
    public static async Task<bool> TryConfirmAsync(
        string? credential, SignInManager<PortalUser> signIn, PersonProof proofs, FactorService factors, HttpContext context)
    {
        var actor = context.User.Actor();
        var asserted = await PerformAsync(credential, signIn.PerformPasskeyAssertionAsync);
        // The browser may have been asked before another user signed in.
        if (asserted is not { Succeeded: true, User: { } user, Passkey: { IsUserVerified: true } passkey } || user.Id != actor.PersonId
            || !(await proofs.ConfirmPasskeyAsync(actor, context.RequestAborted)).Succeeded)
            return false;
        await factors.MarkPasskeyAsync(passkey.CredentialId, context.RequestAborted);
        return true;
    }

    /// <summary>Passes a credential to the framework.</summary>
    /// <returns>Null for a credential that is missing, too long, or was not asked for.</returns>
    public static async Task<T?> PerformAsync<T>(string? credential, Func<string, Task<T>> perform)
        where T : class
    {
        if (credential is not { Length: > 0 and <= MaxCredentialLength }) return null;
        try
        {
            return await perform(credential);
        }
        catch (InvalidOperationException)
        {
            // So the framework says that the browser was not asked for this: the form was sent twice, or too late.
            return null;
        }
    }
}
