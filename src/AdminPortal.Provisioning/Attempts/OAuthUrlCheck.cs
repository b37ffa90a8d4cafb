using AdminPortal.Provisioning.Accounts;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// Checks the address that the platform wants a person to be sent to, before anybody leaves: a platform (or somebody
/// between) that answers with another address must not make the portal an open door.
/// </summary>
internal sealed class OAuthUrlCheck(PortalAddresses addresses, IStringLocalizer<ProvisioningText> texts)
{
    public const int MaxLength = 4000;

    /// <summary>One line for each thing that has to be ours.</summary>
    public IReadOnlyList<CheckLine> Check(string oauthUrl, PlatformAccount account, string state, string callbackUrl, string clientId)
    {
        if (oauthUrl.Length > MaxLength || !WebAddress.TryParse(oauthUrl, addresses.AllowLoopbackHttp, out var url, out _))
            return [new CheckLine(CheckLevel.Failed, texts["Check.OAuthUrl"], texts["Check.OAuthUrl.Malformed"])];

        var query = QueryHelpers.ParseQuery(url.Query);
        return
        [
            new CheckLine(CheckLevel.Passed, texts["Check.OAuthUrl"], texts["Check.OAuthUrl.Passed"]),
            Line("Check.SignInHost", account.SignInHosts.Contains(url.Host, StringComparer.OrdinalIgnoreCase), url.Host),
            Line("Check.RedirectUri", Is("redirect_uri", callbackUrl), callbackUrl),
            Line("Check.State", Is("state", state)),
            Line("Check.ClientId", Is("client_id", clientId), clientId),
        ];

        bool Is(string name, string expected) => query.TryGetValue(name, out var values) && values.Count == 1 && string.Equals(values[0], expected, StringComparison.Ordinal);

        CheckLine Line(string key, bool passed, string detail = "") =>
            new(passed ? CheckLevel.Passed : CheckLevel.Failed, texts[key], texts[$"{key}.{(passed ? "Passed" : "Failed")}", detail]);
    }
}
