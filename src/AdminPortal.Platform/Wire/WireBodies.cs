using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AdminPortal.Platform.Wire;

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

/// <summary>The body of <c>PATCH /instances/{id}</c> that changes configuration alone.</summary>
internal sealed record WireConfigurationChange(JsonObject Configuration);

/// <summary>The body of <c>PUT /instances/{id}?reAuthenticate=true</c> (section 5.4).</summary>
internal sealed record WireReauthentication(
    string Name, WireElementKey Element, WireProviderData ProviderData, JsonObject Configuration, IReadOnlyList<string>? Tags);

/// <summary>The body of <c>PATCH /instances/{id}/configuration/{entry}</c>.</summary>
internal sealed record WireConfigurationValue(string PropertyValue);

/// <summary>The body of <c>PUT /instances/{id}/trace-logging</c>, in minutes.</summary>
internal sealed record WireTraceLogging(int Duration);

/// <summary>The answer of <c>GET /instances/count</c>.</summary>
internal sealed class WireCount
{
    [JsonConverter(typeof(TolerantInt64Converter))]
    public long? TotalInstances { get; init; }
}

/// <summary>The answer of <c>GET /ping</c>.</summary>
internal sealed class WirePong
{
    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? Valid { get; init; }
}

/// <summary>A configuration entry of an instance (section 5.6).</summary>
internal sealed class WireInstanceConfigurationEntry
{
    [JsonConverter(typeof(TolerantInt64Converter))]
    public long? Id { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Key { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Name { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? PropertyValue { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Type { get; init; }

    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? Required { get; init; }

    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? HideFromConsole { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Description { get; init; }
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

/// <summary>An element (sections 1c and 5.3).</summary>
internal sealed class WireElement
{
    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? Active { get; init; }

    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? Deleted { get; init; }
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
[JsonSerializable(typeof(WireConfigurationChange))]
[JsonSerializable(typeof(WireReauthentication))]
[JsonSerializable(typeof(WireConfigurationValue))]
[JsonSerializable(typeof(WireTraceLogging))]
[JsonSerializable(typeof(WireCount))]
[JsonSerializable(typeof(WirePong))]
[JsonSerializable(typeof(WireInstanceConfigurationEntry))]
[JsonSerializable(typeof(List<WireInstanceConfigurationEntry>))]
[JsonSerializable(typeof(WireError))]
[JsonSerializable(typeof(WireElement))]
[JsonSerializable(typeof(List<WireConfigurationEntry>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class WireJson : JsonSerializerContext;
