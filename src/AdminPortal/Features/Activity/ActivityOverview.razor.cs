using AdminPortal.Domain;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Jobs;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Activity;

/// <summary>Who did what, newest first, and above it the jobs that are under way, live.</summary>
public sealed partial class ActivityOverview : IAsyncDisposable
{
    private const int MaxJobs = 10;

    // The feed tells of changes made in this process; looking anyway finds those of another one.
    private const int LooksEverySeconds = 3;

    private readonly CancellationTokenSource _left = new();
    private ActivityQuery _query = new();
    private ActivityPage? _page;
    private ActivityChoices _choices = new([], [], []);
    private IReadOnlyList<JobView> _jobs = [];
    private IReadOnlyList<Problem> _problems = [];
    private IDisposable? _subscription;
    private PeriodicTimer? _timer;
    private Task _following = Task.CompletedTask;
    private bool _started;
    private bool _focusRecord;
    private volatile bool _changed;

    [Inject]
    public required ActivityService Record { get; set; }

    [Inject]
    public required BulkJobService Jobs { get; set; }

    [Inject]
    public required BulkJobFeed Feed { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required ILogger<ActivityOverview> Logger { get; set; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Dispose();
        _subscription?.Dispose();
        await _left.CancelAsync();
        _timer?.Dispose();
        await _following;
        _left.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        _subscription = Feed.Subscribe(null, () => _changed = true);
        _timer = new PeriodicTimer(TimeSpan.FromSeconds(1), Clock);
        _following = FollowAsync(_timer);
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // The link that was followed may be gone with its page: the focus goes to where the new lines begin.
        if (!_focusRecord || _page is null) return;
        _focusRecord = false;
        await Js.InvokeVoidAsync("portal.focus", "#record");
    }

    /// <inheritdoc />
    protected override async Task FollowAddressAsync()
    {
        var query = ActivityAddress.Read(Navigation.Uri);
        if (_started && query == _query) return;
        _focusRecord = _started && (query.Before, query.After) != (_query.Before, _query.After) && (query.Before ?? query.After) is not null;
        _query = query;
        _started = true;
        await LoadAsync();
    }

    private async Task FollowAsync(PeriodicTimer timer)
    {
        try
        {
            for (var second = 1; await timer.WaitForNextTickAsync(_left.Token); second++)
            {
                if (!_changed && second % LooksEverySeconds != 0) continue;
                _changed = false;
                await InvokeAsync(LookAsync);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private async Task LookAsync()
    {
        if (_left.IsCancellationRequested) return;
        var before = _jobs;
        try
        {
            _jobs = await RunningAsync();
        }
        catch (Exception exception) when (!_left.IsCancellationRequested)
        {
            // What is on the page stays; the next look is in three seconds.
            ActivityLog.ReadFailed(Logger, exception);
            return;
        }

        // A job that has begun or ended has left a line. Pages further down stay as they are.
        if (_query is { Before: null, After: null } && !before.Select(job => job.Id).SequenceEqual(_jobs.Select(job => job.Id))) await LoadAsync();
        if (before.Count > 0 || _jobs.Count > 0) StateHasChanged();
    }

    private async Task LoadAsync()
    {
        try
        {
            _jobs = await RunningAsync();
            _choices = await Record.ListChoicesAsync(_left.Token);
            _page = await Record.ListAsync(_query, _left.Token);
            _problems = [];
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (!_left.IsCancellationRequested)
        {
            ActivityLog.ReadFailed(Logger, exception);
            _problems = [new Problem(ProblemKind.Unknown, L["Failed.Text"])];
        }
    }

    private async Task<IReadOnlyList<JobView>> RunningAsync() =>
        [.. (await Jobs.ListRecentAsync(MaxJobs, CancellationToken.None)).Where(job => job.State == JobState.Running)];
}
