using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AdminPortal.Provisioning.Platform.Wire;

/// <summary>The answer to a request for an OAuth URL (section 5.9).</summary>
internal sealed class WireOAuthUrl
{
    [JsonConverter(typeof(TolerantStringConverter))]
    public string? OauthUrl { get; init; }
}

/// <summary>The body of <c>POST /elements/{key}/oauth/url</c> (section 1a).</summary>
internal sealed class WireOAuthUrlRequest
{
    public required string ApiKey { get; init; }

    public required string ApiSecret { get; init; }

    public required string CallbackUrl { get; init; }

    public required string State { get; init; }

    public string? SiteAddress { get; init; }
}

/// <summary>The body of <c>POST /instances</c> (sections 5.1 and 5.2).</summary>
internal sealed class WireNewInstance
{
    public required WireElementKey Element { get; init; }

    public required WireProviderData ProviderData { get; init; }

    public required JsonObject Configuration { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required string Name { get; init; }
}

internal sealed record WireElementKey(string Key);

internal sealed record WireProviderData(string Code);

/// <summary>The body of <c>PATCH /instances/{id}</c> (section 5.5).</summary>
internal sealed class WireInstanceChange
{
    public string? Name { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>An error (section 4).</summary>
internal sealed class WireError
{
    [JsonConverter(typeof(TolerantStringConverter))]
    public string? RequestId { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Message { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? ProviderMessage { get; init; }
}

/// <summary>A configuration entry of an element (section 5.7).</summary>
internal sealed class WireConfigurationEntry
{
    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Key { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Name { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Type { get; init; }

    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? Required { get; init; }

    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? Internal { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? DefaultValue { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 32)]
[JsonSerializable(typeof(WireInstance))]
[JsonSerializable(typeof(List<WireInstance>))]
[JsonSerializable(typeof(WireOAuthUrl))]
[JsonSerializable(typeof(WireOAuthUrlRequest))]
[JsonSerializable(typeof(WireNewInstance))]
[JsonSerializable(typeof(WireInstanceChange))]
[JsonSerializable(typeof(WireError))]
[JsonSerializable(typeof(List<WireConfigurationEntry>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class WireJson : JsonSerializerContext;
