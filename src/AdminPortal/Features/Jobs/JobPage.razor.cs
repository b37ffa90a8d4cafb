using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Radzen;

namespace AdminPortal.Features.Jobs;

/// <summary>One job: what it does, for whom, how far it is, and what came of each instance. It follows the job live.</summary>
public sealed partial class JobPage : IAsyncDisposable
{
    private const int PageSize = 50;

    // The feed tells of changes made in this process; looking anyway finds those of another one.
    private const int LooksEverySeconds = 3;

    private readonly CancellationTokenSource _left = new();
    private JobView? _job;
    private JobItemPage? _rows;
    private JobItemState? _show;
    private IReadOnlyList<Problem> _problems = [];
    private IDisposable? _subscription;
    private PeriodicTimer? _timer;
    private Task _following = Task.CompletedTask;
    private Guid _followed;
    private int _shown = PageSize;
    private bool _missing;
    private bool _cancelling;
    private volatile bool _changed;

    [Inject]
    public required BulkJobService Jobs { get; set; }

    [Inject]
    public required BulkJobFeed Feed { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<JobPage> Logger { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter]
    public Guid JobId { get; set; }

    /// <summary>Rows in this state alone.</summary>
    [SupplyParameterFromQuery]
    private string? Show { get; set; }

    private IEnumerable<(JobItemState State, int Count)> Counts =>
    [
        (JobItemState.Failed, _job!.Failed),
        (JobItemState.Skipped, _job.Skipped),
        (JobItemState.Succeeded, _job.Succeeded),
        (JobItemState.Waiting, _job.Waiting),
    ];

    private string EndLine => _job switch
    {
        { State: JobState.Cancelled } => L["End.Cancelled"],
        { State: JobState.Done, Kind: not JobKind.Export } job => L["End.Done", job.Succeeded, job.Failed, job.Skipped],
        _ => "",
    };

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _subscription?.Dispose();
        await _left.CancelAsync();
        _timer?.Dispose();
        await _following;
        _left.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        var show = NamedValue.Find<JobItemState>(Show);
        if (_followed != JobId)
        {
            _followed = JobId;
            (_job, _rows, _missing, _shown) = (null, null, false, PageSize);
            _subscription?.Dispose();
            _subscription = Feed.Subscribe(JobId, () => _changed = true);
        }
        else if (show != _show)
        {
            _shown = PageSize;
        }

        _show = show;
        await LookAsync();
        if (_timer is null)
        {
            _timer = new PeriodicTimer(TimeSpan.FromSeconds(1), Clock);
            _following = FollowAsync(_timer);
        }
    }

    // Every second where something has changed, every few seconds anyway, until nothing more will happen.
    private async Task FollowAsync(PeriodicTimer timer)
    {
        try
        {
            for (var second = 1; await timer.WaitForNextTickAsync(_left.Token); second++)
            {
                // What was under way when a job was called off still comes in: by the feed.
                if (!_changed && (second % LooksEverySeconds != 0 || _job is { State: not JobState.Running })) continue;
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
        var (id, show) = (JobId, _show);
        try
        {
            var job = await Jobs.FindAsync(id, CancellationToken.None);
            var rows = job is null ? null : await Jobs.ListItemsAsync(id, show, null, _shown, CancellationToken.None);
            // Meanwhile another job, or other rows, may have been asked for.
            if (id != JobId || show != _show) return;
            (_job, _rows, _missing, _problems) = (job, rows, job is null, []);
        }
        catch (Exception exception) when (!_left.IsCancellationRequested)
        {
            JobsLog.JobFailed(Logger, id, exception);
            _problems = [new Problem(ProblemKind.Unknown, L["Failed.Text"])];
            // What could not be read is looked at again, also where nothing else would make the page look.
            _changed = true;
        }

        StateHasChanged();
    }

    private Task ShowMoreAsync()
    {
        _shown += PageSize;
        return LookAsync();
    }

    private void ChooseRows(ChangeEventArgs change) =>
        Navigation.NavigateTo(JobAddress.Of(JobId, NamedValue.Find<JobItemState>(change.Value as string)), replace: true);

    private async Task CancelAsync()
    {
        if (_cancelling) return;
        _cancelling = true;
        try
        {
            if (!await ConfirmDialog.AskAsync(Dialogs, L["Cancel.Title"], [L["Cancel.Text"], L["Cancel.Stays"]], L["Cancel.Confirm"], danger: true)) return;
            var result = await Jobs.CancelAsync(JobId, await SignedIn.ActorAsync(), CancellationToken.None);
            await LookAsync();
            _problems = result.Problems;
        }
        finally
        {
            _cancelling = false;
        }
    }
}
