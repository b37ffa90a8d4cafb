using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Jobs;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Radzen;

namespace AdminPortal.Features.Jobs;

/// <summary>One job: what it does, for whom, how far it is, and what came of each instance. It follows the job live.</summary>
public sealed partial class JobPage
{
    private const int PageSize = 50;

    private JobView? _job;
    private JobItemPage? _rows;
    private JobItemState? _show;
    private IReadOnlyList<Problem> _problems = [];
    private Guid _followed;
    private int _shown = PageSize;
    private bool _missing;
    private bool _cancelling;
    private bool _failed;

    [Inject]
    public required BulkJobService Jobs { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

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
    protected override async Task OnParametersSetAsync()
    {
        var show = NamedValue.Find<JobItemState>(Show);
        if (_followed != JobId)
        {
            _followed = JobId;
            (_job, _rows, _missing, _shown) = (null, null, false, PageSize);
            Follow(new LiveSource(LookAsync)
            {
                Subscribe = changed => Feed.Subscribe(ChangeTopic.Jobs, JobId, changed),
                // The feed tells of what was under way when a job was called off. A look that failed is repeated.
                ExpectsChange = () => _failed || _job is null or { State: JobState.Running },
            });
        }
        else if (show != _show)
        {
            _shown = PageSize;
        }

        _show = show;
        await LookAsync();
    }

    private async Task LookAsync()
    {
        var (id, show) = (JobId, _show);
        try
        {
            var job = await Jobs.FindAsync(id, CancellationToken.None);
            var rows = job is null ? null : await Jobs.ListItemsAsync(id, show, null, _shown, CancellationToken.None);
            // Meanwhile another job, or other rows, may have been asked for.
            if (id != JobId || show != _show) return;
            (_job, _rows, _missing, _problems, _failed) = (job, rows, job is null, [], false);
        }
        catch (Exception exception) when (!Left.IsCancellationRequested)
        {
            JobsLog.JobFailed(Logger, id, exception);
            (_problems, _failed) = ([new Problem(ProblemKind.Unknown, L["Failed.Text"])], true);
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
