using System.Globalization;

namespace AdminPortal.Provisioning.Lapses;

/// <summary>The addresses of the calendar's months and days within the portal: pages and feed write the same ones.</summary>
public static class LapseAddress
{
    public const string Path = "/lapses";

    // Far enough for any lifetime, and no day of these is at the edge of the calendar.
    private static readonly DateOnly Earliest = new(2000, 1, 1);
    private static readonly DateOnly Latest = new(2199, 12, 31);

    /// <summary>A month's page, without a day chosen.</summary>
    public static string OfMonth(DateOnly month) => $"{Path}?month={month.ToString("yyyy-MM", CultureInfo.InvariantCulture)}";

    /// <summary>A day's page, in its month.</summary>
    public static string Of(DateOnly day) => $"{OfMonth(day)}&day={day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";

    /// <summary>The first day of a month as an address names it; null for what is none, or lies too far off.</summary>
    public static DateOnly? ReadMonth(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) && IsWithin(month) ? month : null;

    /// <summary>A day as an address names it; null for what is none, or lies too far off.</summary>
    public static DateOnly? ReadDay(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && IsWithin(day) ? day : null;

    /// <summary>Whether the calendar has a page for it.</summary>
    public static bool IsWithin(DateOnly day) => day >= Earliest && day <= Latest;
}
