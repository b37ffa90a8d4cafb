using AdminPortal.Provisioning;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Instances;

/// <summary>
/// The list of instances. Search, filters, order and page are its address and nothing else: Back, reload and a link
/// that was passed on show the same.
/// </summary>
public sealed partial class InstanceList : IDisposable
{
    private const int SkeletonRows = 6;

    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(300);

    private static readonly IReadOnlyList<(InstanceSort Sort, bool Descending)> Orders =
        [(InstanceSort.Created, true), (InstanceSort.Created, false), (InstanceSort.Name, false), (InstanceSort.Name, true)];

    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _load;
    private CancellationTokenSource? _typing;
    // What the address says, and what it will say once the browser is there: two choices may follow each other closely.
    private InstanceListQuery _query = new();
    private InstanceListQuery _wanted = new();
    private InstancePage? _page;
    private IReadOnlyList<Problem> _problems = [];
    private bool _started;
    private bool _loading;
    private bool _focusCount;
    private string _typed = "";

    [Inject]
    public required InstanceService Instances { get; set; }

    [Inject]
    public required ElementCatalog Catalog { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<InstanceList> Logger { get; set; }

    [SupplyParameterFromQuery]
    private string? Search { get; set; }

    [SupplyParameterFromQuery]
    private string? Element { get; set; }

    [SupplyParameterFromQuery]
    private string? State { get; set; }

    [SupplyParameterFromQuery]
    private string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "dir")]
    private string? Direction { get; set; }

    [SupplyParameterFromQuery]
    private string? Size { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    [SupplyParameterFromQuery]
    private string? Before { get; set; }

    [SupplyParameterFromQuery]
    private string? Deleted { get; set; }

    private bool WasDeleted => Deleted == "1";

    private bool IsEmpty => _page is { Total: 0 } && !_query.HasFilter && _problems.Count == 0;

    private InstanceListQuery Unfiltered => _query with { Search = "", ElementKey = null, State = null, After = null, Before = null };

    private string? PreviousPage => _page is { HasPrevious: true, Rows: [var first, ..] } ? Address(_query with { After = null, Before = first.Id }) : null;

    private string? NextPage => _page is { HasNext: true, Rows: [.., var last] } ? Address(_query with { After = last.Id, Before = null }) : null;

    private string CountLine
    {
        get
        {
            if (_page is null) return L["List.Loading"];
            var count = _page.Total == 1 ? L["List.Count.One"] : L["List.Count", _page.Total];
            return _page.NeedAttention switch
            {
                0 => count,
                1 => L["List.Attention.One", count.Value],
                _ => L["List.Attention", count.Value, _page.NeedAttention],
            };
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
        _load?.Dispose();
        _typing?.Dispose();
    }

    /// <inheritdoc />
    protected override Task OnParametersSetAsync()
    {
        var query = InstanceListAddress.Read(Catalog, Search, Element, State, Sort, Direction, Size, After, Before);
        if (_started && query == _query) return Task.CompletedTask;

        // Somebody went to another address: what stands in the box follows, unless it is what led there.
        if (!_started || query.Search != _query.Search && query.Search != InstanceListAddress.CleanSearch(_typed) && _typing is null)
            _typed = query.Search;

        _focusCount = _started && (query.After, query.Before) != (_query.After, _query.Before) && (query.After ?? query.Before) is not null;
        _started = true;
        _query = _wanted = query;
        return LoadAsync();
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // The link that was followed may be gone with its page: the focus goes to where the new rows begin.
        if (!_focusCount || _loading || _page is null) return;
        _focusCount = false;
        await Js.InvokeVoidAsync("portal.focus", "#instance-count");
    }

    private static string Address(InstanceListQuery query) => InstanceListAddress.Write(query);

    private static string? Chosen(ChangeEventArgs change) => change.Value is string { Length: > 0 } value ? value : null;

    private static string SortChoice(InstanceSort sort, bool descending) => $"{InstanceListAddress.Name(sort)}-{(descending ? "desc" : "asc")}";

    private async Task LoadAsync()
    {
        // An answer to an older question must not come after the newer one's.
        _load?.Cancel();
        _load?.Dispose();
        var load = _load = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        var cancellation = load.Token;
        var query = _query;
        _loading = true;
        try
        {
            var page = await Instances.ListAsync(query, cancellation);
            if (cancellation.IsCancellationRequested) return;
            _loading = false;
            _problems = [];
            if (query.Before is not null && !page.HasPrevious && page.Rows.Count < query.PageSize
                || query.After is not null && page.Rows.Count == 0)
            {
                // Rows have come or gone since that link was made: its page would be a stump of the first one, or nothing.
                Navigation.NavigateTo(Address(query with { After = null, Before = null }), replace: true);
                return;
            }

            _page = page;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            InstancesLog.ListFailed(Logger, exception);
            _loading = false;
            _problems = [new Problem(ProblemKind.Unknown, L["List.Failed.Text"])];
        }
    }

    private async Task SearchSoonAsync()
    {
        _typing?.Cancel();
        _typing?.Dispose();
        var typing = _typing = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        try
        {
            await Task.Delay(TypingPause, Clock, typing.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        SearchNow();
    }

    private void SearchNow()
    {
        _typing?.Cancel();
        _typing?.Dispose();
        _typing = null;
        var search = InstanceListAddress.CleanSearch(_typed);
        if (search == _wanted.Search) return;
        // Back leads out of the search, not through every pause in the typing.
        Go(_wanted with { Search = search }, replace: search.Length > 0 && _query.Search.Length > 0);
    }

    private void ChooseState(ChangeEventArgs change) => Go(_wanted with { State = Chosen(change) is { } name ? Enum.Parse<InstanceState>(name) : null });

    private void ChoosePageSize(ChangeEventArgs change) =>
        Go(_wanted with { PageSize = InstanceListAddress.PageSizes.First(size => Chosen(change) == size.ToString(System.Globalization.CultureInfo.InvariantCulture)) });

    private void ChooseSort(ChangeEventArgs change)
    {
        var (sort, descending) = Orders.First(order => Chosen(change) == SortChoice(order.Sort, order.Descending));
        Go(_wanted with { Sort = sort, Descending = descending });
    }

    private InstanceListQuery SortedBy(InstanceSort sort) => _query with
    {
        Sort = sort,
        Descending = _query.Sort == sort ? !_query.Descending : InstanceListAddress.DescendsAtFirst(sort),
        After = null,
        Before = null,
    };

    /// <summary>Another question begins at its first page.</summary>
    private void Go(InstanceListQuery query, bool replace = false)
    {
        _wanted = query with { After = null, Before = null };
        Navigation.NavigateTo(Address(_wanted), replace: replace);
    }
}
