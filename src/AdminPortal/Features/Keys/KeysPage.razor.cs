using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Keys;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Keys;

/// <summary>The key ring: what wraps it, what it has sealed, what does not open; rotate it, and follow that live.</summary>
public sealed partial class KeysPage
{
    private KeysOverview? _keys;
    private SealedCount? _count;
    private IReadOnlyList<Problem> _problems = [];
    private string? _done;
    private bool _busy;

    [Inject]
    public required KeyService Keys { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        await LookAsync();
        Follow(new LiveSource(FollowRotationAsync)
        {
            Subscribe = changed => Feed.Subscribe(ChangeTopic.KeyRotations, null, changed),
            Interval = TimeSpan.FromSeconds(2),
            ExpectsChange = () => _keys is { Latest.State: RotationState.Running },
        });
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Counting reads every row once: the page is there before.
        if (firstRender) await CountAsync();
    }

    private static string? AddressOf(QuarantineEntry entry) => entry.Table switch
    {
        "Accounts" => $"/accounts/{entry.Owner}",
        "ProviderApps" => $"/provider-apps/{entry.Owner}",
        "Attempts" => $"/connect/{entry.Owner}",
        "Instances" => $"/instances/{entry.Owner}",
        _ => null,
    };

    private static string RemedyOf(QuarantineEntry entry) => entry.Table is "Accounts" or "ProviderApps" or "Attempts" or "Instances" or "SyncRows" or "ActivityHead"
        ? $"Remedy.{entry.Table}"
        : "Remedy.Other";

    private string Progress(RotationView running) => running switch
    {
        { Total: null } => L["Running.Counting"],
        { Pass: > 1 } => L["Running.Proof", running.Resealed],
        _ => L["Running.Of", running.Resealed, running.Total!.Value, running.Unreadable],
    };

    private async Task FollowRotationAsync()
    {
        var before = _keys?.Latest?.State;
        await LookAsync();
        if (before == RotationState.Running && _keys?.Latest?.State == RotationState.Done) await CountAsync();
    }

    private async Task LookAsync()
    {
        if (Left.IsCancellationRequested) return;
        var found = await Keys.FindAsync(await SignedIn.ActorAsync(), CancellationToken.None);
        if (found.Succeeded) _keys = found.Value;
        else _problems = found.Problems;
        StateHasChanged();
    }

    private async Task CountAsync()
    {
        if (Left.IsCancellationRequested) return;
        try
        {
            var counted = await Keys.CountAsync(await SignedIn.ActorAsync(), Left);
            if (counted.Succeeded) _count = counted.Value;
            StateHasChanged();
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private async Task RotateAsync()
    {
        if (_busy) return;
        string[] sentences = _count is { } count
            ? [L["Rotate.Review", count.Total, Duration(count.Estimate)], L["Rotate.Meanwhile"], L["Rotate.Old"]]
            : [L["Rotate.Meanwhile"], L["Rotate.Old"]];
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Rotate.Title"], sentences, L["Rotate"])) return;
        await RunAsync(async actor =>
        {
            var begun = await Confirmation.RunAsync(() => Keys.RotateAsync(actor, CancellationToken.None));
            return begun.Problems;
        });
        await Js.InvokeVoidAsync("portal.focus", "#rotation-title");
    }

    private async Task WrapAsync()
    {
        await RunAsync(async actor =>
        {
            var wrapped = await Confirmation.RunAsync(() => Keys.WrapAsync(actor, CancellationToken.None));
            if (wrapped.Succeeded) _done = wrapped.Value switch { 0 => L["Wrapped.None"], 1 => L["Wrapped.One"], _ => L["Wrapped.Many", wrapped.Value] };
            return wrapped.Problems;
        });
        await Js.InvokeVoidAsync("portal.focus", "#ring-title");
    }

    private async Task RemoveAsync()
    {
        if (_busy || !await RemoveKeysDialog.AskAsync(Dialogs, L["Remove.Title"], _keys!.Quarantined)) return;
        await RunAsync(async actor =>
        {
            var removed = await Confirmation.RunAsync(() => Keys.RemoveOldAsync(actor, CancellationToken.None));
            if (removed.Succeeded) _done = removed.Value == 1 ? L["Removed.One"] : L["Removed.Many", removed.Value];
            return removed.Problems;
        });
        await Js.InvokeVoidAsync("portal.focus", "#ring-title");
    }

    private string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 15 => L["Duration.Seconds"],
        < 90 => L["Duration.Minute"],
        < 5400 => L["Duration.Minutes", Math.Ceiling(time.TotalMinutes)],
        _ => L["Duration.Hours", Math.Ceiling(time.TotalHours)],
    };

    private async Task RunAsync(Func<Actor, Task<IReadOnlyList<Problem>>> run)
    {
        if (_busy) return;
        _busy = true;
        (_done, _problems) = (null, []);
        try
        {
            var problems = await run(await SignedIn.ActorAsync());
            await LookAsync();
            if (problems.Count > 0) _problems = problems;
        }
        finally
        {
            _busy = false;
        }
    }
}
