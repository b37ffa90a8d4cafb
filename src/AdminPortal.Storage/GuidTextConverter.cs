using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AdminPortal.Storage;

/// <summary>Stores an id as text, in capitals; a text that is none is read as <see cref="Unreadable"/>.</summary>
internal sealed class GuidTextConverter() : ValueConverter<Guid, string>(id => Write(id), text => Read(text))
{
    /// <summary>A column's text as its id.</summary>
    public static Guid Read(string text) => Guid.TryParse(text, out var id) ? id : Unreadable.Id;

    private static string Write(Guid id) => id.ToString().ToUpperInvariant();
}
