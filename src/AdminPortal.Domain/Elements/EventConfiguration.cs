using System.Globalization;
using System.Text.Json.Nodes;
using AdminPortal.Domain.Attempts;

namespace AdminPortal.Domain.Elements;

/// <summary>The configuration keys of polling events, as they are sent (platform contract, section 3).</summary>
internal static class EventConfiguration
{
    public const string Enabled = "event.notification.enabled";
    public const string CallbackUrl = "event.notification.callback.url";
    public const string Poller = "event.poller.configuration";
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
            [Poller] = events.PollerConfiguration.Length > 0 ? JsonNode.Parse(events.PollerConfiguration) : support.PollerConfiguration(events.Resources),
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
}
