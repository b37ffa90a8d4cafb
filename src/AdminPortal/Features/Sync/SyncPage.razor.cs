using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Sync;

/// <summary>An account's syncs: start one, follow it live, read what it found and settle that.</summary>
public sealed partial class SyncPage
{
    /// <summary>The order in which a person meets them: what can be gained first, what may be lost last.</summary>
    private static readonly DriftKind[] Kinds = [DriftKind.OnlyOnPlatform, DriftKind.Changed, DriftKind.OnlyHere];

    private SyncOverview? _overview;
    private IReadOnlyList<Problem> _problems = [];
    private Guid _followed;
    private Guid? _job;
    private string? _done;
    private bool _doneLeft;
    private bool _all;
    private bool _busy;
    private bool _gone;
    private bool _looking;
    private bool _lookAgain;
    private bool _showIgnored;
    private int _stamp;

    [Inject]
    public required SyncService Syncs { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <summary>The platform account.</summary>
    [Parameter]
    public Guid Id { get; set; }

    private int Open => _overview!.Drift.Values.Sum(count => count.Open);

    private int Ignored => _overview!.Drift.Values.Sum(count => count.Ignored);

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_followed != Id)
        {
            _followed = Id;
            _overview = null;
            Follow(new LiveSource(LookAsync)
            {
                Subscribe = changed => Feed.Subscribe(ChangeTopic.Sync, Id, changed),
                LooksAtOnce = true,
                Interval = TimeSpan.FromSeconds(2),
                // A job that was started here settles differences too.
                ExpectsChange = () => _overview is { Latest.State: SyncState.Running } || _job is not null,
            });
        }

        await LookAsync();
        _all = _overview?.Latest?.AllElements ?? false;
    }

    // Pages of a listing come faster than a person can read: what is told during a look is one more look, not many.
    private async Task LookAsync()
    {
        if (_looking)
        {
            _lookAgain = true;
            return;
        }

        _looking = true;
        try
        {
            do
            {
                _lookAgain = false;
                if (Left.IsCancellationRequested) break;
                var before = _overview;
                _overview = await Syncs.FindLatestAsync(Id, CancellationToken.None);
                _gone = _overview is null;
                if (before?.LastComplete != _overview?.LastComplete || !SameDrift(before, _overview)) _stamp++;
                StateHasChanged();
            }
            while (_lookAgain);
        }
        finally
        {
            _looking = false;
        }
    }

    private static bool SameDrift(SyncOverview? one, SyncOverview? other) =>
        one is not null && other is not null && Kinds.All(kind => one.Drift[kind] == other.Drift[kind]);

    private string Progress(SyncRunView run) => run switch
    {
        { Pages: 0 } => L["Running.Begins"],
        { Counted: { } counted } => L["Running.Of", run.Pages, run.Seen, counted],
        _ => L["Running.Seen", run.Pages, run.Seen],
    };

    private string Outcome(SyncRunView run) => run.State switch
    {
        SyncState.Complete => Open switch { 0 => L["Complete.None"], 1 => L["Complete.One"], _ => L["Complete.Many", Open] },
        SyncState.BrokenOff => L["BrokenOff"],
        _ => L["Cancelled"],
    };

    private string Proof(SyncRunView run) => run switch
    {
        { State: SyncState.BrokenOff } => run.Message ?? L["Cancelled.Text"],
        { State: SyncState.Cancelled } => L["Cancelled.Text"],
        { Counted: null } => L["Proof.Pages", run.Pages, run.Seen],
        _ when run.Counted == run.Seen => L["Proof.Count", run.Pages, run.Seen],
        _ => L["Proof.Between", run.Pages, run.Seen, run.Counted!.Value],
    };

    private async Task StartAsync()
    {
        if (_busy) return;
        _busy = true;
        Clear();
        var result = await Syncs.StartAsync(Id, _all, await SignedIn.ActorAsync(), CancellationToken.None);
        _busy = false;
        _problems = result.Problems;
        await LookAsync();
        await Js.InvokeVoidAsync("portal.focus", "#run-title");
    }

    private async Task CancelAsync(Guid runId)
    {
        if (_busy) return;
        _busy = true;
        Clear();
        var result = await Syncs.CancelAsync(runId, await SignedIn.ActorAsync(), CancellationToken.None);
        _busy = false;
        _problems = result.Problems;
        await LookAsync();
        await Js.InvokeVoidAsync("portal.focus", "#run-title");
    }

    private async Task SettledAsync(Settlement settlement)
    {
        if (Left.IsCancellationRequested) return;
        Clear();
        _done = settlement.Text;
        _doneLeft = settlement.IsIncomplete;
        _problems = settlement.Problems;
        _job = settlement.JobId;
        await LookAsync();
        _stamp++;
        if (Open == 0 && Ignored == 0 && _overview?.LastComplete is not null) await Js.InvokeVoidAsync("portal.focus", "#in-step");
    }

    private void Clear()
    {
        _done = null;
        _doneLeft = false;
        _job = null;
        _problems = [];
    }
}
