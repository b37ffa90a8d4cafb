using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Provisioning.People;

/// <summary>
/// The codes of authenticator apps as Identity asks for them: whoever calls <c>VerifyTwoFactorTokenAsync</c> uses the code
/// up, like everybody else.
/// </summary>
internal sealed class AuthenticatorCodes(FactorService factors) : IUserTwoFactorTokenProvider<PortalUser>
{
    public Task<bool> CanGenerateTwoFactorTokenAsync(UserManager<PortalUser> manager, PortalUser user) => Task.FromResult(user.HasAuthenticator);

    /// <summary>The app makes them, not we.</summary>
    public Task<string> GenerateAsync(string purpose, UserManager<PortalUser> manager, PortalUser user) => Task.FromResult("");

    public Task<bool> ValidateAsync(string purpose, string token, UserManager<PortalUser> manager, PortalUser user) => factors.UseCodeAsync(user.Id, token, CancellationToken.None);
}
