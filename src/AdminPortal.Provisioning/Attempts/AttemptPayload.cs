using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using AdminPortal.Domain.Elements;
using AdminPortal.Platform;
using AdminPortal.Platform.Wire;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// What an attempt sent and was answered, without secrets, for its timeline. Nothing is opened for it, and of an answer
/// only named fields are taken: what is not known to be harmless is not in it.
/// </summary>
internal static class AttemptPayload
{
    private const string Mask = "***";

    private static readonly JsonSerializerOptions Readable = new()
    {
        // Shown and downloaded as text, never executed as markup.
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    /// <summary>The body of <c>POST /instances</c>.</summary>
    public static string Sent(NewInstance instance)
    {
        var body = NewInstanceBody.Write(instance, _ => Mask);
        Hide(body.Configuration, instance.Element);
        return JsonSerializer.SerializeToNode(body, WireJson.Default.WireNewInstance)!.ToJsonString(Readable);
    }

    /// <summary>The body of <c>PUT /instances/{id}?reAuthenticate=true</c>.</summary>
    public static string Sent(Reauthentication reauthentication, ElementDefinition? element)
    {
        var body = ReauthenticationBody.Write(reauthentication, _ => Mask);
        Hide(body.Configuration, element);
        return JsonSerializer.SerializeToNode(body, WireJson.Default.WireReauthentication)!.ToJsonString(Readable);
    }

    /// <summary>The answer, or what came instead of one.</summary>
    public static string Received(PlatformOutcome<PlatformInstance> outcome)
    {
        var told = outcome switch
        {
            PlatformOutcome<PlatformInstance>.Success { Value: var instance } => new JsonObject
            {
                ["id"] = instance.Id,
                ["name"] = instance.Name,
                ["element"] = instance.ElementKey,
                ["tags"] = instance.Tags is null ? null : new JsonArray([.. instance.Tags.Select(tag => (JsonNode)tag)]),
                ["valid"] = instance.IsValid,
                ["disabled"] = instance.IsDisabled,
                ["createdDate"] = instance.CreatedAt?.ToString("O"),
                ["token"] = string.IsNullOrEmpty(instance.Token) ? null : Mask,
            },
            PlatformOutcome<PlatformInstance>.Refused refused => new JsonObject
            {
                ["status"] = refused.Status,
                ["message"] = refused.Message,
                ["providerMessage"] = refused.ProviderMessage,
                ["retryAfterSeconds"] = refused.RetryAfter?.TotalSeconds,
            },
            PlatformOutcome<PlatformInstance>.Unknown unknown => new JsonObject
            {
                ["noClearAnswer"] = unknown.Reason.ToString(),
                ["status"] = unknown.Status,
                ["message"] = unknown.Message,
            },
            PlatformOutcome<PlatformInstance>.Unreachable unreachable => new JsonObject { ["notSent"] = unreachable.Reason.ToString() },
            _ => throw new InvalidOperationException($"Unexpected outcome {outcome.GetType().Name}."),
        };
        foreach (var (name, _) in told.Where(field => field.Value is null).ToList()) told.Remove(name);
        return told.ToJsonString(Readable);
    }

    // What the platform has and gets back may be anything; only what the portal knows to be no secret is left readable.
    private static void Hide(JsonObject configuration, ElementDefinition? element)
    {
        foreach (var (key, value) in configuration.ToList())
        {
            var isHarmless = key is "oauth.callback.url" or "oauth.api.key" || element?.Field(key) is { Secret: false } || element?.FixedConfiguration.ContainsKey(key) == true
                || (key.StartsWith("event.", StringComparison.Ordinal) && key != SignatureKey.Key);
            if (!isHarmless && value is not null) configuration[key] = Mask;
        }
    }
}
