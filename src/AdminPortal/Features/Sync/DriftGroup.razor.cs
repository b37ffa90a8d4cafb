using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Sync;
using AdminPortal.Provisioning.Sync;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Sync;

/// <summary>The differences of one kind, and what can be done about them: one by one, or all after a review.</summary>
public sealed partial class DriftGroup
{
    private const int PageSize = 25;
    private const int Examples = 3;

    private List<DriftEntry>? _items;
    private (Guid, bool, int) _shown;
    private bool _hasMore;
    private bool _busy;

    [Inject]
    public required SyncService Syncs { get; set; }

    [Inject]
    public required DriftService Drift { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter, EditorRequired]
    public required Guid AccountId { get; set; }

    [Parameter, EditorRequired]
    public required DriftKind Kind { get; set; }

    [Parameter, EditorRequired]
    public required DriftCount Count { get; set; }

    [Parameter]
    public bool ShowIgnored { get; set; }

    /// <summary>Another number: the rows are read anew.</summary>
    [Parameter]
    public int Stamp { get; set; }

    /// <summary>Something was settled, or not.</summary>
    [Parameter]
    public EventCallback<Settlement> Settled { get; set; }

    private string TitleId => $"drift-{Kind}";

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        var wanted = (AccountId, ShowIgnored, Stamp);
        if (_shown == wanted) return;
        _shown = wanted;
        // As far as it was opened before: a page that jumps back to its beginning loses the reader.
        var size = Math.Max(PageSize, _items?.Count ?? 0);
        var page = await Syncs.ListDriftAsync(AccountId, Kind, ShowIgnored, null, size, Left);
        if (_shown != wanted) return;
        _items = [.. page.Items];
        _hasMore = page.HasMore;
    }

    private async Task MoreAsync()
    {
        if (_items is not [.., var last]) return;
        var page = await Syncs.ListDriftAsync(AccountId, Kind, ShowIgnored, new DriftPosition(last.Kind, last.PlatformId), PageSize, Left);
        _items.AddRange(page.Items);
        _hasMore = page.HasMore;
    }

    private async Task AdoptAsync(DriftEntry item)
    {
        // What is removed here does not come back by itself.
        if (Kind == DriftKind.OnlyHere
            && !await ConfirmDialog.AskAsync(Dialogs, L["Forget.Title"], [L["Forget.One", item.Name], L["Forget.Text"]], L["Group.OnlyHere.Adopt"], danger: true))
            return;
        await DoAsync(actor => Drift.AdoptAsync(AccountId, DriftSelection.Of(item.Id), actor, CancellationToken.None));
    }

    private async Task AdoptAllAsync()
    {
        string[] sentences = Kind switch
        {
            DriftKind.OnlyOnPlatform => [L["AdoptNew.Text", Count.Open], Named()],
            DriftKind.Changed => [L["AdoptChanged.Text", Count.Open], Named(), L["AdoptChanged.Lost"]],
            _ => [L["Forget.Many", Count.Open], Named(), L["Forget.Text"]],
        };
        var title = Kind switch { DriftKind.OnlyOnPlatform => L["AdoptNew.Title"], DriftKind.Changed => L["AdoptChanged.Title"], _ => L["Forget.Title"] };
        if (!await ConfirmDialog.AskAsync(Dialogs, title, sentences, L[$"Group.{Kind}.AdoptAll", Count.Open], danger: Kind == DriftKind.OnlyHere)) return;
        await DoAsync(actor => Drift.AdoptAsync(AccountId, DriftSelection.All(Kind), actor, CancellationToken.None));
    }

    private async Task PushAsync(DriftEntry item)
    {
        if (_busy) return;
        _busy = true;
        var result = await Drift.PushAsync(AccountId, item.Id, await SignedIn.ActorAsync(), CancellationToken.None);
        _busy = false;
        await TellAsync(new Settlement(result.Succeeded ? L["Pushed", item.Name].Value : null, false, result.Problems));
    }

    private async Task PushAllAsync()
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, L["PushAll.Title"], [L["PushAll.Text", Count.Open], Named(), L["PushAll.Server"]], L["PushAll", Count.Open])) return;
        _busy = true;
        var result = await Drift.PushAllAsync(AccountId, await SignedIn.ActorAsync(), CancellationToken.None);
        _busy = false;
        await TellAsync(new Settlement(result.Succeeded ? L["PushAll.Begun"].Value : null, false, result.Problems, result.Succeeded ? result.Value[0] : null));
    }

    private Task IgnoreAsync(DriftEntry item, bool ignored) => DoAsync(actor => ignored
        ? Drift.IgnoreAsync(AccountId, DriftSelection.Of(item.Id), actor, CancellationToken.None)
        : Drift.UnignoreAsync(AccountId, DriftSelection.Of(item.Id), actor, CancellationToken.None));

    private async Task IgnoreAllAsync()
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, L["IgnoreAll.Title"], [L["IgnoreAll.Text", Count.Open], Named()], L["IgnoreAll", Count.Open])) return;
        await DoAsync(actor => Drift.IgnoreAsync(AccountId, DriftSelection.All(Kind), actor, CancellationToken.None));
    }

    // It goes on when the page is closed: many take a while.
    private async Task DoAsync(Func<Actor, Task<Result<DriftOutcome>>> settle)
    {
        if (_busy) return;
        _busy = true;
        StateHasChanged();
        var actor = await SignedIn.ActorAsync();
        var result = await Task.Run(() => settle(actor));
        _busy = false;
        await TellAsync(result.Succeeded
            ? new Settlement(Sentence(result.Value), result.Value.Left > 0, [])
            : new Settlement(null, false, result.Problems));
    }

    private async Task TellAsync(Settlement settlement)
    {
        // With the last difference this part of the page is gone as well; the page still says what was done.
        await Settled.InvokeAsync(settlement);
        // The button that was pressed is gone with its row.
        if (!Left.IsCancellationRequested) await Js.InvokeVoidAsync("portal.focus", $"#{TitleId}");
    }

    private string Sentence(DriftOutcome outcome) => outcome switch
    {
        { Left: 0, Done: 1 } => L["Settled.One"],
        { Left: 0 } => L["Settled.Many", outcome.Done],
        _ => $"{L["Settled.Left", outcome.Done, outcome.Left].Value} {outcome.Reason}",
    };

    private string Named()
    {
        var names = string.Join(", ", _items!.Where(item => !item.Ignored).Take(Examples).Select(item => $"“{item.Name}”"));
        return Count.Open <= Examples ? L["Named.All", names] : L["Named.Some", names];
    }
}
