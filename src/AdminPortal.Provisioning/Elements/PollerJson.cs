using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Elements;

/// <summary>The value of <see cref="EventConfiguration.Poller"/> as a person writes it.</summary>
internal static class PollerJson
{
    // What is sent may be nested 32 levels deep, and an entry needs three.
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 16 };

    /// <summary>What is wrong with it; null for an object with one entry for each resource, as it can be sent.</summary>
    public static string? Explain(string json, IStringLocalizer<ProvisioningText> texts)
    {
        try
        {
            if (JsonNode.Parse(json, documentOptions: Shallow) is not JsonObject { Count: > 0 } resources) return texts["Events.Json.NotAnObject"].Value;
            var bare = resources.FirstOrDefault(resource => resource.Value is not JsonObject entry || !entry.ContainsKey("url"));
            if (bare.Key is not null) return texts["Events.Json.NoUrl", bare.Key].Value;
            // Written once, as it will be when it is sent.
            _ = resources.ToJsonString();
            return null;
        }
        catch (JsonException exception)
        {
            return texts["Events.Json.Broken", (exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1];
        }
        catch (ArgumentException)
        {
            // A key that stands twice.
            return texts["Events.Json.Twice"];
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: JSON by its grammar, but no text that could be sent.
            return texts["Events.Json.Character"];
        }
    }

    /// <summary>The object in a text that came from the platform; null where there is none, or an empty one.</summary>
    public static JsonObject? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            // Counted and written once: a key that stands twice, or half a character, shows only then.
            if (JsonNode.Parse(text, documentOptions: Shallow) is not JsonObject { Count: > 0 } node) return null;
            _ = node.ToJsonString();
            return node;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
