using AdminPortal.Domain;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Activity;

/// <summary>Who did what, newest first, and above it the jobs that are under way, live.</summary>
public sealed partial class ActivityOverview
{
    private const int MaxJobs = 10;

    private ActivityQuery _query = new();
    private ActivityPage? _page;
    private ActivityChoices _choices = new([], [], []);
    private IReadOnlyList<JobView> _jobs = [];
    private IReadOnlyList<Problem> _problems = [];
    private bool _started;
    private bool _focusRecord;

    [Inject]
    public required ActivityService Record { get; set; }

    [Inject]
    public required BulkJobService Jobs { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required ILogger<ActivityOverview> Logger { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        Follow(new LiveSource(LookAsync) { Subscribe = changed => Feed.Subscribe(ChangeTopic.Jobs, null, changed) });
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

    private async Task LookAsync()
    {
        var before = _jobs;
        try
        {
            _jobs = await RunningAsync();
        }
        catch (Exception exception) when (!Left.IsCancellationRequested)
        {
            // The page keeps what it shows; the next look is in three seconds.
            ActivityLog.ReadFailed(Logger, exception);
            return;
        }

        // A job that has begun or ended has left a line. Pages further down stay as they are.
        if (_query is { Before: null, After: null } && !before.Select(job => job.Id).SequenceEqual(_jobs.Select(job => job.Id))) await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            _jobs = await RunningAsync();
            _choices = await Record.ListChoicesAsync(Left);
            _page = await Record.ListAsync(_query, Left);
            _problems = [];
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (!Left.IsCancellationRequested)
        {
            ActivityLog.ReadFailed(Logger, exception);
            _problems = [new Problem(ProblemKind.Unknown, L["Failed.Text"])];
        }
    }

    private async Task<IReadOnlyList<JobView>> RunningAsync() =>
        [.. (await Jobs.ListRecentAsync(MaxJobs, CancellationToken.None)).Where(job => job.State == JobState.Running)];
}
