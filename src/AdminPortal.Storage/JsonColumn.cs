using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AdminPortal.Storage;

/// <summary>Maps small values that are never queried to one JSON text column, in every database alike.</summary>
internal static class JsonColumn
{
    // Enums by name: a number would change its meaning when a member is inserted.
    private static readonly JsonSerializerOptions Options = new() { Converters = { new JsonStringEnumConverter() } };

    public static PropertyBuilder<T> HasJsonColumn<T>(this PropertyBuilder<T> property) => property.HasConversion<JsonColumnConverter<T>, JsonColumnComparer<T>>();

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

    /// <summary>The copy that changes are found by. What could not be read is not copied: it stays in its column as it is.</summary>
    public static T Copy<T>(T value) => Unreadable.Is((object?)value) ? value : JsonSerializer.Deserialize<T>(Write(value), Options)!;
}

/// <summary>Stores a value as JSON text.</summary>
internal sealed class JsonColumnConverter<T>() : ValueConverter<T, string>(value => JsonColumn.Write(value), text => JsonColumn.Read<T>(text));

/// <summary>Tells two values of such a column apart by their texts.</summary>
internal sealed class JsonColumnComparer<T>() : ValueComparer<T>(
    (left, right) => JsonColumn.Write(left) == JsonColumn.Write(right),
    value => JsonColumn.Write(value).GetHashCode(StringComparison.Ordinal),
    value => JsonColumn.Copy(value));
