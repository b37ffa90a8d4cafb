using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.Attempts;

/// <summary>Says how long something took, with as many figures as a person wants to read.</summary>
internal static class DurationText
{
    public static string Of(TimeSpan duration, IStringLocalizer<ConnectText> texts) => duration switch
    {
        _ when duration < TimeSpan.FromSeconds(1) => texts["Duration.Milliseconds", (int)duration.TotalMilliseconds],
        _ when duration < TimeSpan.FromMinutes(1) => texts["Duration.Seconds", Math.Floor(duration.TotalSeconds * 10) / 10],
        _ when duration < TimeSpan.FromHours(1) => texts["Duration.Minutes", duration.Minutes, duration.Seconds],
        _ when duration < TimeSpan.FromDays(1) => texts["Duration.Hours", duration.Hours, duration.Minutes],
        _ => texts["Duration.Days", duration.Days, duration.Hours],
    };
}
