using System.Security.Claims;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace AdminPortal.Access;

/// <summary>
/// Keeps out disabled users, says for whom a password is not enough, and opens a session for users who sign in: every way
/// of signing in, with a password or without, ends in <see cref="SignInWithClaimsAsync"/>. There the browser becomes a known
/// one, too.
/// </summary>
internal sealed class PortalSignInManager(
    UserManager<PortalUser> people,
    IHttpContextAccessor context,
    IUserClaimsPrincipalFactory<PortalUser> claims,
    IOptions<IdentityOptions> options,
    ILogger<SignInManager<PortalUser>> logger,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<PortalUser> confirmation,
    IOptions<PortalOptions> portal,
    PortalAddresses addresses,
    KnownBrowsers browsers,
    SessionService sessions) : SignInManager<PortalUser>(people, context, claims, options, logger, schemes, confirmation)
{
    /// <summary>An item of the authentication properties of a sign-in with a passkey.</summary>
    public const string PasskeyItem = "passkey";

    private bool _refreshes;

    public override async Task<bool> CanSignInAsync(PortalUser user) => user.DisabledAt is null && await base.CanSignInAsync(user);

    /// <summary>Who has an authenticator app; where a second factor is required, also who has a passkey alone, and shows that then.</summary>
    public override async Task<bool> IsTwoFactorEnabledAsync(PortalUser user) =>
        user.HasAuthenticator || (portal.Value.SignIn.RequireSecondFactor && (await UserManager.GetPasskeysAsync(user)).Count > 0);

    /// <summary>The same session goes on with what has changed about the person. It proves nothing anew.</summary>
    public override async Task RefreshSignInAsync(PortalUser user)
    {
        _refreshes = true;
        try
        {
            await base.RefreshSignInAsync(user);
        }
        finally
        {
            _refreshes = false;
        }
    }

    public override async Task SignInWithClaimsAsync(PortalUser user, AuthenticationProperties? authenticationProperties, IEnumerable<Claim> additionalClaims)
    {
        var cancellationToken = Context.RequestAborted;
        var before = Context.User.SessionId();
        Guid session;
        if (_refreshes && before is { } same)
        {
            await sessions.RenewAsync(same, user, cancellationToken);
            session = same;
        }
        else
        {
            additionalClaims = [.. additionalClaims];
            var proof = authenticationProperties?.Items.ContainsKey(PasskeyItem) is true ? SessionProof.Passkey
                : additionalClaims.Any(claim => claim is { Type: "amr", Value: "pwd" }) ? SessionProof.PasswordAlone
                : SessionProof.Full;
            session = await sessions.OpenAsync(
                user, ClientAddress.Of(Context), Context.Request.Headers.UserAgent, before, proof, cancellationToken);
            KnownBrowserCookie.Give(Context, addresses, await browsers.RememberAsync(user.Id, KnownBrowserCookie.Read(Context, addresses), cancellationToken));
        }

        await base.SignInWithClaimsAsync(user, authenticationProperties, [.. additionalClaims.Where(claim => claim.Type != SessionClaim.Type), new Claim(SessionClaim.Type, session.ToString())]);
    }

    public override async Task SignOutAsync()
    {
        if (Context.User.SessionId() is { } session) await sessions.CloseAsync(session, Context.RequestAborted);
        await base.SignOutAsync();
    }
}
