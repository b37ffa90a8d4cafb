using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Jobs;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Instances;

/// <summary>
/// The list of instances. Search, filters, order and page are its address and nothing else: Back, reload and a link
/// that was passed on show the same.
/// </summary>
public sealed partial class InstanceList
{
    private const int SkeletonRows = 6;

    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(300);

    private static readonly IReadOnlyList<(InstanceSort Sort, bool Descending)> Orders =
        [.. Enum.GetValues<InstanceSort>().SelectMany(sort => new[] { (sort, InstanceListAddress.DescendsAtFirst(sort)), (sort, !InstanceListAddress.DescendsAtFirst(sort)) })];

    private CancellationTokenSource? _load;
    private CancellationTokenSource? _typing;
    // What the address says, and what it will say once the browser is there: two choices may follow each other closely.
    private InstanceListQuery _query = new();
    private InstanceListQuery _wanted = new();
    private InstancePage? _page;
    private InstanceCount? _count;
    private InstanceListQuery? _counted;
    private IReadOnlyList<AccountSummary> _accounts = [];
    private IReadOnlyList<SavedView> _views = [];
    // What is chosen: rows one by one, over pages; or everything that matches, whatever page it is on.
    private readonly HashSet<Guid> _selected = [];
    private bool _everything;
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
    public required AccountService Accounts { get; set; }

    [Inject]
    public required SavedViewService Views { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required ILogger<InstanceList> Logger { get; set; }

    [SupplyParameterFromQuery]
    private string? Deleted { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    private bool WasDeleted => Deleted == "1";

    private bool IsEmpty => _page is { Rows.Count: 0 } && !_query.HasFilter && _query == _query.FromTheStart() && _problems.Count == 0;

    private InstanceListQuery Unfiltered => new() { Sort = _query.Sort, Descending = _query.Descending, PageSize = _query.PageSize };

    private string? PreviousPage => _page?.Previous is { } edge ? Address(_query.FromTheStart() with { Before = edge }) : null;

    private string? NextPage => _page?.Next is { } edge ? Address(_query.FromTheStart() with { After = edge }) : null;

    private IEnumerable<string> TagsInSight =>
        (_page?.Rows ?? []).SelectMany(row => row.Tags).Distinct(StringComparer.Ordinal).Order(StringComparer.OrdinalIgnoreCase);

    private int Selected => _everything ? _count?.Total ?? 0 : _selected.Count;

    private InstanceSelection Selection => _everything ? InstanceSelection.Matching(_query.FromTheStart()) : InstanceSelection.Of(_selected);

    private bool PageIsSelected => _page is { Rows.Count: > 0 } && _page.Rows.All(row => IsSelected(row.Id));

    /// <summary>The view whose filters and order are what is shown.</summary>
    private Guid? CurrentView => _views.FirstOrDefault(view => view.Query == QueryOf(_query))?.Id;

    private string CountLine
    {
        get
        {
            if (_page is null) return L["List.Loading"];
            if (_count is null) return L["List.Counting"];
            var count = _count.Total == 1 ? L["List.Count.One"] : L["List.Count", _count.Total];
            return _count.NeedAttention switch
            {
                0 => count,
                1 => L["List.Attention.One", count.Value],
                _ => L["List.Attention", count.Value, _count.NeedAttention],
            };
        }
    }

    /// <inheritdoc />
    protected override ValueTask LeaveAsync()
    {
        _load?.Dispose();
        _typing?.Dispose();
        return base.LeaveAsync();
    }

    /// <inheritdoc />
    protected override async Task FollowAddressAsync()
    {
        if (!_started)
        {
            _accounts = await Accounts.ListAsync(Left);
            _views = await Views.ListAsync(await SignedIn.ActorAsync(), Left);
        }

        if (new Uri(Navigation.Uri).Query.Length == 0 && _views.FirstOrDefault(view => view.IsDefault) is { } usual)
        {
            // The address says nothing: the person's own view says what is wanted, and the address then says it too.
            Navigation.NavigateTo(InstanceListAddress.Path + usual.Query, replace: true);
            return;
        }

        var query = InstanceListAddress.Read(Catalog, Navigation.Uri);
        if (_started && query == _query) return;

        // Somebody went to another address: what stands in the box follows, unless it is what led there.
        if (!_started || query.Search != _query.Search && query.Search != InstanceListAddress.CleanSearch(_typed) && _typing is null)
            _typed = query.Search;

        // "All that match" are those that matched; other filters ask for another choice.
        if (!query.HasSameFilters(_query)) ClearSelection();
        _focusCount = _started && query != query.FromTheStart() && (query.After, query.Before, query.Last) != (_query.After, _query.Before, _query.Last);
        _started = true;
        _query = _wanted = query;
        await LoadAsync();
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

    private static string QueryOf(InstanceListQuery query) => Address(query.FromTheStart())[InstanceListAddress.Path.Length..];

    private static string? Chosen(ChangeEventArgs change) => change.Value is string { Length: > 0 } value ? value : null;

    private static string SortChoice(InstanceSort sort, bool descending) => $"{InstanceListAddress.Name(sort)}-{(descending ? "desc" : "asc")}";

    private async Task LoadAsync()
    {
        // An answer to an older question must not come after the newer one's.
        _load?.Cancel();
        _load?.Dispose();
        var load = _load = CancellationTokenSource.CreateLinkedTokenSource(Left);
        var cancellation = load.Token;
        var query = _query;
        _loading = true;
        try
        {
            var page = await Instances.ListAsync(query, cancellation);
            if (cancellation.IsCancellationRequested) return;
            _loading = false;
            _problems = [];
            if (query.Before is not null && page.Previous is null && page.Rows.Count < query.PageSize
                || query.After is not null && page.Rows.Count == 0)
            {
                // Rows have come or gone since that link was made: its page would be a stump of the first one, or nothing.
                Navigation.NavigateTo(Address(query.FromTheStart()), replace: true);
                return;
            }

            _page = page;
            if (_counted?.HasSameFilters(query) == true && query != query.FromTheStart()) return;

            // Counting goes through everything that matches: once for the filters, behind the rows, and not for every page.
            if (_counted?.HasSameFilters(query) != true) _count = null;
            StateHasChanged();
            var count = await Instances.CountAsync(query, cancellation);
            if (cancellation.IsCancellationRequested) return;
            _count = count;
            _counted = query;
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
        var typing = _typing = CancellationTokenSource.CreateLinkedTokenSource(Left);
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

    private void ChooseAccount(ChangeEventArgs change) => Go(_wanted with { PlatformAccountId = Chosen(change) is { } id ? Guid.Parse(id) : null });

    private void ChooseView(ChangeEventArgs change)
    {
        var view = Guid.TryParse(Chosen(change), out var id) ? _views.FirstOrDefault(one => one.Id == id) : null;
        Navigation.NavigateTo(view is null ? InstanceListAddress.Everything : InstanceListAddress.Path + view.Query);
    }

    private async Task ManageViewsAsync()
    {
        await Dialogs.ShowAsync<ViewsDialog>(
            L["View.Title"],
            new() { [nameof(ViewsDialog.Query)] = QueryOf(_query), [nameof(ViewsDialog.Narrows)] = _query.HasFilter });
        _views = await Views.ListAsync(await SignedIn.ActorAsync(), Left);
    }

    private bool IsSelected(Guid id) => _everything || _selected.Contains(id);

    private void Select(Guid id)
    {
        if (_everything)
        {
            // One row less than everything is a choice of rows again: those of this page that stay.
            ClearSelection();
            _selected.UnionWith(_page!.Rows.Select(row => row.Id));
        }

        if (!_selected.Remove(id)) _selected.Add(id);
    }

    private void SelectPage()
    {
        var all = PageIsSelected;
        _everything = false;
        foreach (var row in _page!.Rows)
        {
            if (all) _selected.Remove(row.Id);
            else _selected.Add(row.Id);
        }
    }

    private void SelectEverything() => _everything = true;

    private void ClearSelection()
    {
        _everything = false;
        _selected.Clear();
    }

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
        Last = false,
    };

    /// <summary>Another question begins at its first page.</summary>
    private void Go(InstanceListQuery query, bool replace = false)
    {
        _wanted = query.FromTheStart();
        Navigation.NavigateTo(Address(_wanted), replace: replace);
    }
}
