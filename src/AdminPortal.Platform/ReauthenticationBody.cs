using System.Text.Json.Nodes;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform.Wire;

namespace AdminPortal.Platform;

/// <summary>Writes the body of <c>PUT /instances/{id}?reAuthenticate=true</c> (platform contract, section 5.4).</summary>
internal static class ReauthenticationBody
{
    /// <param name="reauthentication">What is sent.</param>
    /// <param name="open">Writes a secret: its value, or a word in its place.</param>
    /// <exception cref="SecretUnreadableException">A secret does not open.</exception>
    public static WireReauthentication Write(Reauthentication reauthentication, Func<Secret, string> open)
    {
        var configuration = new JsonObject();
        foreach (var (key, value) in reauthentication.Configuration) configuration[key] = value;
        foreach (var (key, secret) in reauthentication.SecretConfiguration) configuration[key] = open(secret);
        configuration["oauth.callback.url"] = reauthentication.CallbackUrl;
        configuration["oauth.api.key"] = reauthentication.ProviderApp.ClientId;
        configuration["oauth.api.secret"] = open(reauthentication.ProviderApp.ClientSecret);
        return new WireReauthentication(
            reauthentication.Name, new WireElementKey(reauthentication.ElementKey), new WireProviderData(open(reauthentication.Code)), configuration, reauthentication.Tags);
    }
}
