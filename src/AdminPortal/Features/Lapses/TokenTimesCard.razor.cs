using System.Globalization;
using AdminPortal.Provisioning.Lapses;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Lapses;

/// <summary>When an instance's provider token was refreshed and when it may lapse: what is known apart from what is estimated.</summary>
public sealed partial class TokenTimesCard
{
    /// <summary>When the platform refreshed it last; null where it does not tell.</summary>
    [Parameter, EditorRequired]
    public required DateTimeOffset? RefreshedAt { get; set; }

    /// <summary>How long an access token holds, in seconds; null where the platform does not tell.</summary>
    [Parameter, EditorRequired]
    public required long? RefreshIntervalSeconds { get; set; }

    [CascadingParameter]
    private TimeZoneInfo? Zone { get; set; }

    [Inject]
    public required LapseService Lapses { get; set; }

    private TokenTimes Times => Lapses.TimesOf(RefreshedAt, RefreshIntervalSeconds);

    private static string Days(TimeSpan time) => time.TotalDays.ToString("0.#", CultureInfo.CurrentCulture);

    private string Day(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone ?? TimeZoneInfo.Utc).ToString("d MMMM yyyy", CultureInfo.CurrentCulture);

    // In the largest unit that says it without a fraction.
    private string Span(TimeSpan time) => time switch
    {
        { TotalDays: >= 2 } when time.Ticks % TimeSpan.TicksPerDay == 0 => L["Times.Days", (long)time.TotalDays],
        { TotalHours: 1 } => L["Times.Hour"],
        { TotalHours: > 1 } when time.Ticks % TimeSpan.TicksPerHour == 0 => L["Times.Hours", (long)time.TotalHours],
        { TotalMinutes: 1 } => L["Times.Minute"],
        { TotalMinutes: > 1 } when time.Ticks % TimeSpan.TicksPerMinute == 0 => L["Times.Minutes", (long)time.TotalMinutes],
        _ => L["Times.Seconds", (long)time.TotalSeconds],
    };
}
