using System.Globalization;
using System.Text.Json.Nodes;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Elements;

/// <summary>The configuration keys of polling events, as they are sent (platform contract, section 3).</summary>
internal static class EventConfiguration
{
    public const string Enabled = "event.notification.enabled";
    public const string CallbackUrl = "event.notification.callback.url";
    public const string Minutes = "event.poller.refresh_interval";

    /// <summary>The entries for what a person chose: switched off, that alone.</summary>
    public static JsonObject Write(EventSupport support, EventSettings events, string signatureKey = "")
    {
        if (!events.Enabled) return new JsonObject { [Enabled] = false };
        var configuration = new JsonObject
        {
            [Enabled] = true,
            ["event.vendor.type"] = "polling",
            [CallbackUrl] = events.CallbackUrl,
            [Minutes] = events.Minutes.ToString(CultureInfo.InvariantCulture),
            [PollerJson.Key] = events.PollerConfiguration.Length > 0 ? JsonNode.Parse(events.PollerConfiguration) : support.PollerConfiguration(events.Resources),
        };
        if (signatureKey.Length > 0) configuration[SignatureKey.Key] = signatureKey;
        return configuration;
    }
}

/// <summary>The key with which the platform signs its notifications: a secret.</summary>
public static class SignatureKey
{
    /// <summary>Its configuration key.</summary>
    public const string Key = "event.notification.signature.key";

    /// <summary>The form's field.</summary>
    internal const string Field = "SignatureKey";

    /// <summary>What is wrong with a new key; null for one that can be sent, and for none.</summary>
    internal static string? Explain(string key, IStringLocalizer<ProvisioningText> texts) => key switch
    {
        { Length: > InputRules.MaxSecretLength } => texts["Rule.TooLong", texts["Events.SignatureKey"], InputRules.MaxSecretLength],
        { Length: >= 4 } when key.All(letter => letter is '*' or '•') => texts["Configuration.Mask"],
        _ => Rules.HasControls(key) ? texts["Rule.Control", texts["Events.SignatureKey"]].Value : null,
    };
}
