using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Search;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Providers;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Overview;

/// <summary>Getting started while anything is missing; afterwards how things stand.</summary>
public sealed partial class Home
{
    private const int RecentCount = 8;

    private IReadOnlyList<AccountSummary>? _accounts;
    private IReadOnlyList<OfferedAccount> _offers = [];
    private IReadOnlyList<ProviderAppSummary> _apps = [];
    private IReadOnlyList<AttemptSummary> _attempts = [];
    private IReadOnlyDictionary<InstanceState, int> _counts = new Dictionary<InstanceState, int>();
    private (int Count, Guid LastAttemptId)? _orphans;
    private string? _done;

    [Inject]
    public required AccountService Accounts { get; set; }

    [Inject]
    public required ProviderAppService Apps { get; set; }

    [Inject]
    public required InstanceService Instances { get; set; }

    [Inject]
    public required AttemptService Attempts { get; set; }

    [Inject]
    public required OrphanService OrphanedInstances { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    private bool HasAccount => _accounts is { Count: > 0 };

    private bool HasApp => _apps.Count > 0;

    private int Total => _counts.Values.Sum();

    // The provider app is not missed where instances exist: the wizard has asked for one.
    private bool IsGettingStarted => !HasAccount || Total == 0;

    private string AccountText => _accounts is [var only] ? L["Start.Account.DoneOne", only.Name] : HasAccount ? L["Start.Account.DoneMany", _accounts!.Count] : L["Start.Account.Text"];

    private StartStepState AppState => (HasApp, HasAccount) switch
    {
        (true, _) => StartStepState.Done,
        (false, true) => StartStepState.Next,
        (false, false) => StartStepState.Later,
    };

    private StartStepState InstanceStepState => (Total > 0, HasAccount && HasApp) switch
    {
        (true, _) => StartStepState.Done,
        (false, true) => StartStepState.Next,
        (false, false) => StartStepState.Later,
    };

    private IEnumerable<AttemptSummary> Unclear => _attempts.Where(attempt => attempt.State == AttemptState.Ambiguous);

    private IEnumerable<AttemptSummary> Undecided => _attempts.Where(attempt => attempt.State == AttemptState.AwaitingDecision);

    private bool NeedsNobody => Count(InstanceState.NeedsAttention) == 0 && Count(InstanceState.MissingOnPlatform) == 0 && _orphans is null && !Unclear.Any() && !Undecided.Any();

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        // The account's form says by way of the history which one it has saved.
        if (Navigation.HistoryEntryState is { Length: > 0 } saved) _done = L["Saved", saved];
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var accounts = await Accounts.ListAsync(Left);
        _offers = await Accounts.ListOffersAsync(Left);
        _apps = await Apps.ListAsync(Left);
        _counts = await Instances.CountByStateAsync(Left);
        _attempts = await Attempts.ListRecentAsync(RecentCount, Left);
        _orphans = await OrphanedInstances.FindOpenAsync(Left);
        _accounts = accounts;
    }

    private async Task OfferAcceptedAsync(OfferedAccount offer)
    {
        _done = L["Saved", offer.Name];
        await LoadAsync();
        await Js.InvokeVoidAsync("portal.focus", "h1"); // The button that had the focus is gone.
    }

    private int Count(InstanceState state) => _counts.GetValueOrDefault(state);
}
