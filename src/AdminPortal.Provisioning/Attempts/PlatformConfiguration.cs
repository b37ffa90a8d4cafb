using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Shared;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>What the platform tells of an instance's configuration, read for a further attempt.</summary>
/// <remarks>Source: platform contract, sections 3, 5.3 and 5.4, traps 5, 7 and 17.</remarks>
internal static class PlatformConfiguration
{
    public const string ClientIdKey = "oauth.api.key";
    public const string ClientSecretKey = "oauth.api.secret";
    public const string CallbackUrlKey = "oauth.callback.url";

    // The user's tokens and their times are the platform's to write; so is the subscription that it holds at a provider.
    private const string UserPrefix = "oauth.user.";
    private const string SubscriptionKey = "event.notification.subscription.id";

    // It follows from the server: sent back, it would contradict another one.
    private const string BaseUrlKey = "base.url";

    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 16 };

    /// <summary>
    /// The entries that go back unchanged when an instance is authorized anew: <c>PUT</c> may replace the whole
    /// configuration, so what it has is read first and sent along. Left out is what the platform does not show, what is
    /// its own to write, and what the attempt itself gives.
    /// </summary>
    public static Dictionary<string, string> SentBack(PlatformInstance told, ProvisioningAttempt attempt) =>
        told.Configuration
            .Where(entry => entry.Value is { Length: > 0 } value && value != InstanceConfigurationEntry.Mask
                && !entry.Key.StartsWith(UserPrefix, StringComparison.Ordinal)
                && entry.Key is not (SubscriptionKey or ClientIdKey or ClientSecretKey or CallbackUrlKey)
                && !(entry.Key == BaseUrlKey && attempt.Configuration.ContainsKey(ElementCatalog.ServerKey))
                && !attempt.Configuration.ContainsKey(entry.Key) && !attempt.SealedConfiguration.ContainsKey(entry.Key))
            .ToDictionary(entry => entry.Key, entry => entry.Value!, StringComparer.Ordinal);

    /// <summary>The polling events that an instance has, as a draft holds them; null where the element has none or they are off.</summary>
    /// <remarks>The signature key is a secret, which may not be read back: it is left out.</remarks>
    public static EventSettings? ReadEvents(PlatformInstance told, ElementDefinition element)
    {
        if (element.Events is not { } support || told.Configuration.GetValueOrDefault("event.notification.enabled") is not ("true" or "True" or "TRUE")) return null;

        var text = told.Configuration.GetValueOrDefault("event.poller.configuration")?.Trim() ?? "";
        var poller = ReadObject(text);
        var resources = poller?.Select(entry => entry.Key).Where(name => support.Resources.Any(resource => resource.Name == name)).ToList() ?? [];
        // What the portal would write by itself is not kept as somebody's own text.
        var isDefault = poller is null || JsonNode.DeepEquals(poller, support.PollerConfiguration(resources));
        var minutes = int.TryParse(told.Configuration.GetValueOrDefault("event.poller.refresh_interval"), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Clamp(number, EventSettings.MinMinutes, EventSettings.MaxMinutes)
            : new EventSettings().Minutes;
        return new EventSettings
        {
            Enabled = true,
            CallbackUrl = OutsideText.Clean(told.Configuration.GetValueOrDefault("event.notification.callback.url"), WebAddress.MaxLength) ?? "",
            Minutes = minutes,
            Resources = resources,
            PollerConfiguration = isDefault || text.Length > EventSettings.MaxPollerConfigurationLength ? "" : text,
        };
    }

    /// <summary>The tags that a draft may hold: the portal's own are not among them, and what breaks a rule is left out.</summary>
    public static List<string> Tags(IEnumerable<string> tags) =>
    [
        .. tags.Where(tag => tag.Length is > 0 and <= InputRules.MaxTagLength && !Rules.HasControls(tag)
                && !tag.StartsWith(ProvisioningAttempt.PortalTagPrefix, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal).Take(InputRules.MaxTags),
    ];

    private static JsonObject? ReadObject(string text)
    {
        if (text.Length is 0 or > EventSettings.MaxPollerConfigurationLength) return null;
        try
        {
            return JsonNode.Parse(text, documentOptions: Shallow) is JsonObject { Count: > 0 } found && found.All(entry => entry.Key.Length > 0) ? found : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            // Not JSON, or a key that stands twice: somebody wrote it by hand at the platform's console.
            return null;
        }
    }
}
