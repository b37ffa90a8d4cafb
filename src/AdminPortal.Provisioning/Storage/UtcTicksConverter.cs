using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AdminPortal.Provisioning.Storage;

/// <summary>Stores a time as UTC ticks: SQLite can neither order nor compare <see cref="DateTimeOffset"/>.</summary>
internal sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(
    time => time.UtcTicks,
    ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
