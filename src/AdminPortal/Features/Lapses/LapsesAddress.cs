using System.Globalization;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Ui;

namespace AdminPortal.Features.Lapses;

/// <summary>The month and the day of the calendar, as <see cref="LapseAddress"/> writes them for the calendar feed too.</summary>
internal static class LapsesAddress
{
    private static readonly ListAddress<LapseChoice> Fields = new ListAddress<LapseChoice>(new LapseChoice())
        .Add(
            "month", QueryFormats.Of<DateOnly?>(LapseAddress.ReadMonth, month => month?.ToString("yyyy-MM", CultureInfo.InvariantCulture)),
            choice => choice.Month,
            (choice, month) => choice with { Month = month })
        .Add(
            "day", QueryFormats.Of<DateOnly?>(LapseAddress.ReadDay, day => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            choice => choice.Day,
            (choice, day) => choice with { Day = day });

    /// <summary>Reads the choice of an address.</summary>
    public static LapseChoice Read(string address) => Fields.Read(address);

    /// <summary>The address that <see cref="Read"/> reads as this choice.</summary>
    public static string Write(LapseChoice choice) => LapseAddress.Path + Fields.Write(choice);
}

/// <summary>What the calendar shows.</summary>
internal sealed record LapseChoice
{
    /// <summary>The first day of the month; null for the month of the day.</summary>
    public DateOnly? Month { get; init; }

    /// <summary>The day whose instances are listed; null for none.</summary>
    public DateOnly? Day { get; init; }
}
