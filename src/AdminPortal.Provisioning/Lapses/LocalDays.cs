namespace AdminPortal.Provisioning.Lapses;

/// <summary>Days as a time zone has them: some have 23 hours, some 25, and some do not begin at midnight.</summary>
internal static class LocalDays
{
    /// <summary>The first moment of a day.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var clock = day.ToDateTime(TimeOnly.MinValue);
        // Where the clocks are put forward at midnight, the day begins with the first time that they show.
        while (zone.IsInvalidTime(clock)) clock = clock.AddMinutes(15);
        // A time that they show twice begins with its first showing: the one farther ahead of UTC.
        var offset = zone.IsAmbiguousTime(clock) ? zone.GetAmbiguousTimeOffsets(clock).Max() : zone.GetUtcOffset(clock);
        return new DateTimeOffset(clock, offset);
    }

    /// <summary>The day of a moment.</summary>
    public static DateOnly DayOf(DateTimeOffset at, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
}
