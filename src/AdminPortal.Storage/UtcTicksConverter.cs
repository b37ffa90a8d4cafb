using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AdminPortal.Storage;

/// <summary>Stores a time as UTC ticks: SQLite can neither order nor compare <see cref="DateTimeOffset"/>.</summary>
internal sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => Read(ticks))
{
    /// <summary>A column's number as its time; one that is none is read as <see cref="Unreadable"/>.</summary>
    public static DateTimeOffset Read(long ticks) =>
        ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks ? DateTimeOffset.MinValue : new DateTimeOffset(ticks, TimeSpan.Zero);
}
