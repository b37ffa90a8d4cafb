using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdminPortal.Platform.Wire;

/// <summary>An instance on the wire (platform contract, section 5.3). Answers differ by age: everything may be missing.</summary>
internal sealed class WireInstance
{
    [JsonConverter(typeof(TolerantInt64Converter))]
    public long? Id { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Name { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? Token { get; init; }

    public JsonElement Element { get; init; }

    [JsonConverter(typeof(TagListConverter))]
    public IReadOnlyList<string>? Tags { get; init; }

    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? Valid { get; init; }

    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? Disabled { get; init; }

    [JsonConverter(typeof(TolerantBooleanConverter))]
    public bool? TraceLoggingEnabled { get; init; }

    [JsonConverter(typeof(TolerantStringConverter))]
    public string? CreatedDate { get; init; }

    public JsonElement Configuration { get; init; }
}
