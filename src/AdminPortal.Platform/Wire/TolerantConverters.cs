using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdminPortal.Platform.Wire;

// The platform sends booleans and numbers as strings and the other way round (platform contract, section 9, traps 2
// and 5). These converters take a value as whatever it can be read as; what cannot be read is null, never a failure of
// the whole answer.

internal sealed class TolerantStringConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WireText.Read(JsonElement.ParseValue(ref reader));

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

internal sealed class TolerantInt64Converter : JsonConverter<long?>
{
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        long.TryParse(WireText.Read(JsonElement.ParseValue(ref reader)), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

internal sealed class TolerantBooleanConverter : JsonConverter<bool?>
{
    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        bool.TryParse(WireText.Read(JsonElement.ParseValue(ref reader)), out var value) ? value : null;

    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Tags come as strings or as objects with a name.</summary>
internal sealed class TagListConverter : JsonConverter<IReadOnlyList<string>?>
{
    public override IReadOnlyList<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var element = JsonElement.ParseValue(ref reader);
        if (element.ValueKind != JsonValueKind.Array) return null;
        return
        [
            .. element.EnumerateArray()
                .Select(tag => tag.ValueKind == JsonValueKind.Object && tag.TryGetProperty("name", out var name) ? WireText.Read(name) : WireText.Read(tag))
                .Where(tag => !string.IsNullOrEmpty(tag))
                .Select(tag => tag!),
        ];
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string>? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

internal static class WireText
{
    /// <summary>A scalar as text; objects and arrays as their JSON; null as null.</summary>
    public static string? Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => element.GetRawText(),
    };
}
