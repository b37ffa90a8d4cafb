using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdminPortal.Sandbox.Faults;

/// <summary>How often a fault happens: a number, or <c>"always"</c>, which is kept as 0.</summary>
internal sealed class FaultTimes : JsonConverter<int>
{
    public const string Always = "always";

    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String when reader.ValueTextEquals(Always) => 0,
        JsonTokenType.Number when reader.TryGetInt32(out var number) => number,
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
