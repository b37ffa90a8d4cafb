using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AdminPortal.Provisioning.Storage;

/// <summary>Maps small values that are never queried to one JSON text column, in every database alike.</summary>
internal static class JsonColumn
{
    // Enums by name: a number would change its meaning when a member is inserted.
    private static readonly JsonSerializerOptions Options = new() { Converters = { new JsonStringEnumConverter() } };

    public static PropertyBuilder<T> HasJsonColumn<T>(this PropertyBuilder<T> property) => property.HasConversion(
        new ValueConverter<T, string>(
            value => JsonSerializer.Serialize(value, Options),
            text => Read<T>(text)),
        new ValueComparer<T>(
            (left, right) => Text(left) == Text(right),
            value => Text(value).GetHashCode(StringComparison.Ordinal),
            value => Copy(value)));

    /// <summary>A value as such a column holds it: for statements that write it themselves.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>A column's text as its value; one that is none is read as <see cref="Unreadable"/>.</summary>
    public static T Read<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options) ?? Unreadable.Value<T>();
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return Unreadable.Value<T>();
        }
    }

    // The copy that changes are found by. What could not be read is not copied: it stays in its column as it is.
    private static T Copy<T>(T value) => Unreadable.Is((object?)value) ? value : JsonSerializer.Deserialize<T>(Text(value), Options)!;

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, Options);
}
