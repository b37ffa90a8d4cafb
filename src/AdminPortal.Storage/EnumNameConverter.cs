using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AdminPortal.Storage;

/// <summary>Stores an enum by its name; a text that is none of its names is read as <see cref="Unreadable"/>.</summary>
internal sealed class EnumNameConverter<TEnum>() : ValueConverter<TEnum, string>(value => value.ToString(), text => Read(text))
    where TEnum : struct, Enum
{
    /// <summary>A column's text as its value.</summary>
    public static TEnum Read(string text) => Enum.TryParse<TEnum>(text, out var value) && Enum.IsDefined(value) ? value : Unreadable.Name<TEnum>();
}
