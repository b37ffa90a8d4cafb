using System.Globalization;
using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.Users;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Profile;

/// <summary>A person's own open sessions, to be looked at and ended.</summary>
public sealed partial class SessionsPage
{
    private IReadOnlyList<SessionLine>? _sessions;
    private IReadOnlyList<Problem> _problems = [];
    private string? _done;
    private bool _busy;

    [Inject]
    public required SessionService Sessions { get; set; }

    [Inject]
    public required IOptions<PortalOptions> Options { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [CascadingParameter]
    private TimeZoneInfo? Zone { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => await LoadAsync(await SignedIn.ActorAsync());

    private async Task LoadAsync(Actor actor)
    {
        var sessions = await Sessions.ListAsync(actor, CancellationToken.None);
        // The one that asks is the first.
        if (sessions.Succeeded) _sessions = [.. sessions.Value.OrderByDescending(session => session.IsThis)];
        else _problems = sessions.Problems;
    }

    private Task EndAsync(SessionLine session) => RunAsync(actor => Sessions.EndAsync(session.Id, actor, CancellationToken.None));

    private async Task EndOthersAsync()
    {
        if (_busy || !await ConfirmDialog.AskAsync(Dialogs, L["EndOthers.Title"], [L["EndOthers.Text"]], L["EndOthers"], danger: true)) return;
        await RunAsync(actor => Sessions.EndOthersAsync(actor, CancellationToken.None));
    }

    private async Task RunAsync(Func<Actor, Task<Result<int>>> end)
    {
        if (_busy) return;
        _busy = true;
        (_done, _problems) = (null, []);
        try
        {
            var actor = await SignedIn.ActorAsync();
            var ended = await end(actor);
            if (ended.Succeeded) _done = ended.Value switch { 0 => L["Done.None"], 1 => L["Done.One"], var many => L["Done.Many", many] };
            await LoadAsync(actor);
            if (!ended.Succeeded) _problems = ended.Problems;
        }
        finally
        {
            _busy = false;
        }

        // The button that was pressed is gone with its session.
        await Js.InvokeVoidAsync("portal.focus", "h1");
    }

    private string BrowserOf(SessionLine session) =>
        BrowserName.Of(session.Browser) is var (browser, system) ? L["BrowserOn", browser, system] : session.Browser ?? L["Browser.Unknown"];

    private string Opened(SessionLine session) => TimeZoneInfo.ConvertTime(session.OpenedAt, Zone ?? TimeZoneInfo.Utc).ToString("d MMM yyyy HH:mm:ss", CultureInfo.CurrentCulture);

    // In the largest unit that says it exactly.
    private string Words(TimeSpan time) => time switch
    {
        _ when time == TimeSpan.FromDays(1) => L["Days.One"],
        _ when time == TimeSpan.FromDays(time.Days) => L["Days.Many", time.Days],
        _ when time == TimeSpan.FromHours(1) => L["Hours.One"],
        _ when time == TimeSpan.FromHours((int)time.TotalHours) => L["Hours.Many", (int)time.TotalHours],
        _ => L["Minutes.Many", (int)time.TotalMinutes],
    };
}
