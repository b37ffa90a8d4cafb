using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Lapses;
using AdminPortal.Provisioning.Lapses;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Lapses;

/// <summary>The person's secret address of the calendar: made, made anew, switched off. It is shown once.</summary>
public sealed partial class FeedCard
{
    private CalendarFeed? _feed;
    private string? _address;
    private IReadOnlyList<Problem> _problems = [];
    private bool _loaded;
    private bool _busy;
    private bool _ended;

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [CascadingParameter]
    private TimeZoneInfo? Zone { get; set; }

    [Inject]
    public required CalendarFeedService Feeds { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _feed = await Feeds.FindAsync(await SignedIn.ActorAsync(), CancellationToken.None);
        _loaded = true;
    }

    private Task MakeAsync() => RunAsync(async actor =>
    {
        var made = await Feeds.MakeAsync(actor, Zone is { HasIanaId: true } zone && zone.Id != TimeZoneInfo.Utc.Id ? zone.Id : null, CancellationToken.None);
        _problems = made.Problems;
        if (!made.Succeeded) return;
        _address = made.Value;
        _ended = false;
        await Js.InvokeVoidAsync("portal.focus", "#feed-title");
    });

    private async Task ReplaceAsync()
    {
        if (_busy || !await ConfirmDialog.AskAsync(Dialogs, L["Feed.MakeNew.Title"], [L["Feed.MakeNew.Ends"]], L["Feed.MakeNew"])) return;
        await MakeAsync();
    }

    private async Task EndAsync()
    {
        if (_busy || !await ConfirmDialog.AskAsync(Dialogs, L["Feed.End.Title"], [L["Feed.End.Ends"]], L["Feed.End"], danger: true)) return;
        await RunAsync(async actor =>
        {
            _problems = (await Feeds.EndAsync(actor, CancellationToken.None)).Problems;
            _address = null;
            _ended = true;
            // The button that was pressed is gone.
            await Js.InvokeVoidAsync("portal.focus", "#feed-title");
        });
    }

    private async Task RunAsync(Func<Actor, Task> run)
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var actor = await SignedIn.ActorAsync();
            await run(actor);
            _feed = await Feeds.FindAsync(actor, CancellationToken.None);
        }
        finally
        {
            _busy = false;
        }
    }
}
