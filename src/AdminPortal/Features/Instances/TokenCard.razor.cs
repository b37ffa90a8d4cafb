using AdminPortal.Access;
using AdminPortal.Features.Reveals;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Instances;

/// <summary>
/// An instance's token: masked, shown or copied when a person asks for it and says why. The browser's script fetches it from
/// <see cref="TokenEndpoint"/>, shows it for thirty seconds and tells only when it is gone again.
/// </summary>
public sealed partial class TokenCard
{
    private const string Target = "#token-value";

    private RevealRequestLine? _own;
    private bool _asking;
    private bool _shown;
    private string _status = "";

    [Parameter, EditorRequired]
    public required Guid InstanceId { get; set; }

    [Inject]
    public required RevealService Reveals { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        if (!Reveals.NeedsSecondPerson) return;
        Follow(new LiveSource(LookAsync) { Interval = TimeSpan.FromSeconds(5), ExpectsChange = () => _own is not null });
        await LookAsync();
    }

    private async Task RevealAsync()
    {
        if (await AskAsync(Target) != RevealOutcome.Given) return;
        _shown = true;
        _status = L["Token.Revealed"];
        _ = WaitUntilHiddenAsync();
    }

    // The script keeps the time: it also takes the token away when the page is left or hidden.
    private async Task WaitUntilHiddenAsync()
    {
        try
        {
            await Js.InvokeVoidAsync("portal.tokenHidden", Left, Target);
            _shown = false;
            _status = L["Token.Hidden"];
            StateHasChanged();
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left.
        }
#pragma warning disable CA1031 // Nobody waits for this: the page tells of the trouble.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private async Task HideAsync() => await Js.InvokeVoidAsync("portal.hideToken", Target);

    private async Task CopyAsync()
    {
        if (await AskAsync(null) == RevealOutcome.Given) _status = L["Token.Copied"];
    }

    private async Task<RevealOutcome> AskAsync(string? target)
    {
        if (_asking) return RevealOutcome.None;
        _asking = true;
        _status = "";
        try
        {
            var outcome = await RevealDialog.AskAsync(Dialogs, R, InstanceId, target);
            if (Reveals.NeedsSecondPerson) await LookAsync();
            return outcome;
        }
        finally
        {
            _asking = false;
        }
    }

    private async Task LookAsync()
    {
        try
        {
            _own = await Reveals.FindOwnAsync(InstanceId, await SignedIn.ActorAsync(), Left);
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left.
        }
    }
}
