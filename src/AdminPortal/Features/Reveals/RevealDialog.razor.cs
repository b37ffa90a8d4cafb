using AdminPortal.Access;
using AdminPortal.Domain.Reveals;
using AdminPortal.Provisioning.Users;
using AdminPortal.Provisioning.Reveals;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Reveals;

/// <summary>
/// Asks what a token is needed for, and for the password. The browser's script sends both to the token's endpoint and puts
/// the token where it belongs: here nothing but whether that worked is known.
/// </summary>
public sealed partial class RevealDialog
{
    private RevealRequestLine? _own;
    private ProofKind _kind;
    private string _reason = "";
    private string? _reasonMessage;
    private string? _secretMessage;
    private string? _failure;
    private bool _loaded;
    private bool _running;
    private string? _focus;

    private enum Need
    {
        Proof,
        Request,
        Decision,
    }

    /// <summary>The instance whose token is meant.</summary>
    [Parameter, EditorRequired]
    public required Guid InstanceId { get; set; }

    /// <summary>The element that shows the token; null where it goes to the clipboard.</summary>
    [Parameter]
    public string? Target { get; set; }

    [Inject]
    public required RevealService Reveals { get; set; }

    [Inject]
    public required PersonProof Proof { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    private bool Copies => Target is null;

    private Need Needs => (Reveals.NeedsSecondPerson, _own?.State) switch
    {
        (false, _) or (_, RevealRequestState.Approved) => Need.Proof,
        (_, RevealRequestState.Waiting) => Need.Decision,
        _ => Need.Request,
    };

    /// <summary>Asks the person, and lets the script fetch the token.</summary>
    /// <param name="dialogs">Where the dialog opens.</param>
    /// <param name="texts">Its texts.</param>
    /// <param name="instanceId">The instance.</param>
    /// <param name="target">The element that shows the token; null for the clipboard.</param>
    public static async Task<RevealOutcome> AskAsync(DialogService dialogs, IStringLocalizer<RevealsText> texts, Guid instanceId, string? target) =>
        await dialogs.ShowAsync<RevealDialog>(
            texts[target is null ? "Copy.Title" : "Reveal.Title"], new() { [nameof(InstanceId)] = instanceId, [nameof(Target)] = target }) is RevealOutcome outcome ? outcome : RevealOutcome.None;

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        try
        {
            var actor = await SignedIn.ActorAsync();
            _own = await Reveals.FindOwnAsync(InstanceId, actor, Left);
            _kind = await Proof.FindKindAsync(actor, Left);
            _loaded = true;
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // Closed while it was looked up.
        }
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus is not { } selector) return;
        _focus = null;
        await Js.InvokeVoidAsync("portal.focus", selector);
    }

    private async Task SubmitAsync()
    {
        if (_running) return;
        (_running, _reasonMessage, _secretMessage, _failure) = (true, null, null, null);
        try
        {
            if (Needs == Need.Request) await AskAsync();
            else await FetchAsync();
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The dialog is gone, and so is who waited.
        }
        finally
        {
            _running = false;
        }
    }

    private async Task AskAsync()
    {
        var asked = await Reveals.AskAsync(InstanceId, _reason, await SignedIn.ActorAsync(), CancellationToken.None);
        if (asked.Succeeded) Dialogs.Close(RevealOutcome.Asked);
        else Show(asked.Problems[0].Message, asked.Problems[0].Field);
    }

    private async Task FetchAsync()
    {
        if (_kind == ProofKind.Passkey && await PasskeyConfirmation.AskAsync(Js, Confirmations, Left) is { } refusal)
        {
            Show(refusal, null);
            return;
        }

        var answer = await Js.InvokeAsync<ScriptAnswer?>("portal.fetchToken", Left, InstanceId, "#reveal", Target);
        if (answer is { Done: true }) Dialogs.Close(RevealOutcome.Given);
        else Show(answer?.Message ?? L[answer?.Field == "Clipboard" ? "NoClipboard" : "NoAnswer"], answer?.Field);
    }

    private void Show(string message, string? field)
    {
        switch (field)
        {
            case "Reason":
                _reasonMessage = message;
                _focus = "#reveal-reason";
                break;
            case PersonProof.Field:
                _secretMessage = message;
                _focus = "#reveal-secret";
                break;
            default:
                _failure = message;
                break;
        }
    }
}
