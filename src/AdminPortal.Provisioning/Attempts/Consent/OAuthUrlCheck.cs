using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Primitives;

namespace AdminPortal.Provisioning.Attempts.Consent;

/// <summary>
/// Checks the address that the platform wants a person to be sent to, before anybody leaves: a platform (or somebody
/// between) that answers with another address must not make the portal an open door.
/// </summary>
internal sealed class OAuthUrlCheck(PortalAddresses addresses, IStringLocalizer<ProvisioningText> texts)
{
    public const int MaxLength = 4000;
    private const int MaxShown = 60;

    /// <summary>Whether an account allows that users are sent to the host of this address.</summary>
    public static bool IsSignInHost(PlatformAccount account, Uri url) =>
        account.SignInHosts.Contains(url.Host, StringComparer.OrdinalIgnoreCase);

    /// <summary>One line for each thing that has to be ours, and one for what is asked for.</summary>
    public IReadOnlyList<CheckLine> Check(string oauthUrl, PlatformAccount account, string state, string callbackUrl, string clientId)
    {
        if (oauthUrl.Length > MaxLength || !WebAddress.TryParse(oauthUrl, addresses.AllowLoopbackHttp, out var url, out _))
            return [new CheckLine(CheckLevel.Failed, texts["Check.OAuthUrl"], texts["Check.OAuthUrl.Malformed"])];

        var query = QueryHelpers.ParseQuery(url.Query);
        return
        [
            new CheckLine(CheckLevel.Passed, texts["Check.OAuthUrl"], texts["Check.OAuthUrl.Passed"]),
            Line("Check.SignInHost", IsSignInHost(account, url), url.Host),
            Line("Check.RedirectUri", Is("redirect_uri", callbackUrl), callbackUrl),
            Line("Check.State", Is("state", state)),
            Line("Check.ClientId", Is("client_id", clientId), clientId),
            Request(),
        ];

        bool Is(string name, string expected) => query.TryGetValue(name, out var values) && values.Count == 1 && string.Equals(values[0], expected, StringComparison.Ordinal);

        CheckLine Line(string key, bool passed, string detail = "") =>
            new(passed ? CheckLevel.Passed : CheckLevel.Failed, texts[key], texts[$"{key}.{(passed ? "Passed" : "Failed")}", detail]) { Key = key };

        // Keap knows one response type and one scope (platform contract, section 7). Another one is the platform's
        // mistake or something new: it harms nobody, but the answer may bring no code.
        CheckLine Request()
        {
            var type = Shown(query.GetValueOrDefault("response_type"));
            var scope = Shown(query.GetValueOrDefault("scope"));
            return Is("response_type", "code") && Is("scope", "full")
                ? new CheckLine(CheckLevel.Passed, texts["Check.Request"], texts["Check.Request.Passed", type, scope])
                : new CheckLine(CheckLevel.Warning, texts["Check.Request"], texts["Check.Request.Unusual", type, scope]) { Key = "Check.Request.Unusual" };
        }

        string Shown(StringValues values) => OutsideText.Clean(string.Join(", ", values.ToArray()), MaxShown) is { Length: > 0 } text ? text : texts["Check.Request.None"];
    }
}
