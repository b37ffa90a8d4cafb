using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;

namespace AdminPortal.Features.SingleSignOn;

/// <summary>Why a user is sent to the authority. The sealed state carries it there and back.</summary>
/// <param name="ReturnTo">The path of the portal to open afterwards.</param>
/// <param name="Fresh">Whether the user has to authenticate again at the authority.</param>
/// <param name="UserId">The signed-in user, who must return as the same user or is connected with the identity.</param>
/// <param name="Connects">Whether the identity is added to the signed-in user's sign-in methods.</param>
internal sealed record SignInRequest(string ReturnTo, bool Fresh = false, Guid? UserId = null, bool Connects = false)
{
    private const string FreshItem = "fresh";
    private const string UserItem = "user";
    private const string ConnectsItem = "connects";

    public AuthenticationProperties ToProperties(DateTimeOffset now)
    {
        var properties = new OpenIdConnectChallengeProperties { RedirectUri = ReturnTo, IssuedUtc = now };
        if (Fresh)
        {
            properties.Items[FreshItem] = "";
            properties.Prompt = "login";
            properties.MaxAge = TimeSpan.Zero;
        }

        if (UserId is { } user) properties.Items[UserItem] = user.ToString();
        if (Connects) properties.Items[ConnectsItem] = "";
        return properties;
    }

    public static SignInRequest Read(AuthenticationProperties properties, string? returnTo) => new(
        returnTo ?? "/",
        properties.Items.ContainsKey(FreshItem),
        properties.Items.TryGetValue(UserItem, out var user) && user is not null ? Guid.Parse(user) : null,
        properties.Items.ContainsKey(ConnectsItem));
}
