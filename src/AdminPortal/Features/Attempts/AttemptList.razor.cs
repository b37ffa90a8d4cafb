using System.Globalization;
using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Attempts;

/// <summary>All attempts, so that nothing that was begun is out of sight; which of them stands in the address.</summary>
public sealed partial class AttemptList
{
    private AttemptListQuery _query = new();
    private AttemptListPage? _page;
    private AttemptCounts? _counts;
    private IReadOnlyList<Problem> _problems = [];
    private string? _problemTitle;
    private string? _discarded;
    private string _typed = "";
    private bool _started;
    private bool _focusList;
    private bool _busy;
    private bool _mayConnect;

    [Inject]
    public required AttemptListService Attempts { get; set; }

    [Inject]
    public required DraftService Drafts { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IOptions<PortalOptions> Options { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required ILogger<AttemptList> Logger { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [CascadingParameter]
    private TimeZoneInfo? Zone { get; set; }

    private string KeptDays => Math.Floor(Options.Value.DraftLifetime.TotalDays).ToString("N0", CultureInfo.CurrentCulture);

    /// <inheritdoc />
    protected override async Task FollowAddressAsync()
    {
        _mayConnect = Permissions.Allows(await SignedIn.ActorAsync(), Operation.Connect);
        var query = AttemptListAddress.Read(Navigation.Uri);
        if (_started && query == _query) return;
        // The link that was followed may be gone with its page: the focus goes to where the new lines begin.
        _focusList = _started && (query.After, query.Before) != (_query.After, _query.Before);
        (_query, _typed, _started, _discarded) = (query, query.Search, true, null);
        await LoadAsync();
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focusList || _page is null) return;
        _focusList = false;
        await Js.InvokeVoidAsync("portal.focus", "#attempt-list");
    }

    private async Task LoadAsync()
    {
        try
        {
            _page = await Attempts.ListAsync(_query, Left);
            _counts = await Attempts.CountAsync(Left);
            _problems = [];
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left.
        }
        catch (Exception exception) when (!Left.IsCancellationRequested)
        {
            ConnectLog.ReadFailed(Logger, exception);
            (_page, _problemTitle) = (null, L["Failed.Title"]);
            _problems = [new Problem(ProblemKind.Unknown, L["Failed.Text"])];
        }
    }

    private void SearchNow() => Navigation.NavigateTo(AttemptListAddress.Write(new AttemptListQuery { Group = _query.Group, Search = AttemptListAddress.CleanSearch(_typed) }));

    private async Task DiscardAsync(AttemptLine line)
    {
        if (_busy) return;
        string[] sentences = [line.State == AttemptState.Draft ? L["Discard.Draft"] : L["Discard.Awaiting"], L["Discard.Noted"]];
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Discard.Title", line.Title], sentences, L["Discard"], danger: true)) return;

        _busy = true;
        var result = await Drafts.DiscardAsync(line.Id, await SignedIn.ActorAsync(), CancellationToken.None);
        _busy = false;
        await LoadAsync();
        _discarded = result.Succeeded ? L["Discarded", line.Title].Value : null;
        if (!result.Succeeded) (_problems, _problemTitle) = (result.Problems, null);
        StateHasChanged();
        // The button that was pressed is gone with its line.
        await Js.InvokeVoidAsync("portal.focus", "#attempt-list");
    }

    private async Task TryAgainAsync(AttemptLine line)
    {
        if (_busy) return;
        _busy = true;
        var again = await Drafts.TryAgainAsync(line.Id, await SignedIn.ActorAsync(), CancellationToken.None);
        _busy = false;
        (_problems, _problemTitle) = (again.Problems, null);
        if (again.Succeeded) Navigation.NavigateTo(WizardAddress.Of(again.Value, WizardStep.Review));
    }

    private string Day(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone ?? TimeZoneInfo.Utc).ToString("d MMM yyyy", CultureInfo.CurrentCulture);
}
