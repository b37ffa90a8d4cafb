using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Provisioning.Lapses;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Lapses;

/// <summary>When instances may lapse, as a calendar. The month and the day that is looked at are its address.</summary>
public sealed partial class LapsesPage
{
    private CancellationTokenSource? _load;
    private IReadOnlyList<Problem> _problems = [];
    private LapseMonth? _month;
    private LapseList? _overdue;
    private LapseList? _rows;
    private DateOnly? _day;
    private DateOnly _today;
    private string? _focus;
    private bool _started;

    [CascadingParameter]
    private TimeZoneInfo? Zone { get; set; }

    [Inject]
    public required LapseService Lapses { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required ILogger<LapsesPage> Logger { get; set; }

    private TimeZoneInfo Here => Zone ?? TimeZoneInfo.Utc;

    private string Days => Lapses.Lifetime.TotalDays.ToString("0.#", CultureInfo.CurrentCulture);

    private string CountLine
    {
        get
        {
            var known = _month!.Total - _month.Unknown;
            var line = L["Count", known.ToString("N0", CultureInfo.CurrentCulture), _month.Total.ToString("N0", CultureInfo.CurrentCulture)].Value;
            return _month.Unknown == 0 ? line : $"{line} {L["Count.Unknown", _month.Unknown.ToString("N0", CultureInfo.CurrentCulture)]}";
        }
    }

    /// <summary>The month's weeks, from Monday to Sunday, with the days of its neighbours at both ends.</summary>
    private List<DateOnly[]> Weeks
    {
        get
        {
            var first = _month!.First.AddDays(-(((int)_month.First.DayOfWeek + 6) % 7));
            var weeks = new List<DateOnly[]>();
            for (var monday = first; monday < _month.First.AddMonths(1); monday = monday.AddDays(7))
                weeks.Add([.. Enumerable.Range(0, 7).Select(monday.AddDays)]);
            return weeks;
        }
    }

    /// <inheritdoc />
    protected override ValueTask LeaveAsync()
    {
        _load?.Dispose();
        return base.LeaveAsync();
    }

    /// <inheritdoc />
    protected override async Task FollowAddressAsync()
    {
        var choice = LapsesAddress.Read(Navigation.Uri);
        // Another month or day was asked for here: the focus goes to what has changed.
        var isOtherMonth = _month is not null && choice.Month != _month.First;
        if (_started) _focus = choice.Day is not null && choice.Day != _day ? "#lapse-day" : isOtherMonth ? "#month-title" : null;
        _started = true;
        await LoadAsync();
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus is null || _load is not null) return;
        var focus = _focus;
        _focus = null;
        await Js.InvokeVoidAsync("portal.focus", focus);
    }

    private static string MonthName(DateOnly month) => month.ToString("MMMM yyyy", CultureInfo.CurrentCulture);

    private static string DayName(DateOnly day) => day.ToString("dddd d MMMM yyyy", CultureInfo.CurrentCulture);

    private static string WeekdayName(DateOnly day) => day.ToString("dddd", CultureInfo.CurrentCulture);

    private static string ShortWeekdayName(DateOnly day) => day.ToString("ddd", CultureInfo.CurrentCulture);

    private string DayClass(DateOnly day, int count) =>
        (count > 0 ? day < _today ? "lapse-some lapse-past" : "lapse-some" : "lapse-none") + (day == _today ? " lapse-is-today" : "") + (day == _day ? " lapse-chosen" : "");

    private string DayLabel(DateOnly day, int count) => count == 1
        ? L["Day.One", DayName(day)]
        : L["Day.Many", DayName(day), count.ToString("N0", CultureInfo.CurrentCulture)];

    private async Task LoadAsync()
    {
        // A month that was left before it was counted is not counted to its end.
        if (_load is not null) await _load.CancelAsync();
        var load = _load = CancellationTokenSource.CreateLinkedTokenSource(Left);
        var choice = LapsesAddress.Read(Navigation.Uri);
        try
        {
            var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Clock.GetUtcNow(), Here).DateTime);
            var (day, asked) = (choice.Day, choice.Month ?? choice.Day ?? today);
            var month = await Lapses.GetMonthAsync(asked, Here, load.Token);
            var overdue = month.Overdue > 0 ? await Lapses.ListOverdueAsync(load.Token) : null;
            var rows = day is { } chosen ? await Lapses.ListDayAsync(chosen, Here, load.Token) : null;
            if (load.IsCancellationRequested) return;
            (_today, _day, _month, _overdue, _rows, _problems) = (today, day, month, overdue, rows, []);
        }
        catch (OperationCanceledException) when (load.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // Whatever it was: the page says so, offers to try again, and the log has the rest.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LapsesLog.ReadFailed(Logger, exception);
            _problems = [new Problem(ProblemKind.Unknown, L["Failed.Text"])];
        }
        finally
        {
            if (_load == load) _load = null;
            load.Dispose();
        }
    }
}
