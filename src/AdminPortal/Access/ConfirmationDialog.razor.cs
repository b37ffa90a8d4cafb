using AdminPortal.Provisioning.Users;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Access;

/// <summary>
/// Asks for the password, an authenticator code or a passkey. The browser's script sends it to <see cref="ConfirmationEndpoint"/>
/// and returns the outcome.
/// </summary>
public sealed partial class ConfirmationDialog
{
    private const string FieldId = "confirmation-secret";

    private ProofKind? _kind;
    private string? _message;
    private string? _failure;
    private bool _running;
    private bool _focus;

    [Inject]
    public required PersonProof Proof { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        try
        {
            _kind = await Proof.FindKindAsync(await SignedIn.ActorAsync(), Left);
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // Closed while it was looked up.
        }
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus) return;
        _focus = false;
        await Js.InvokeVoidAsync("portal.focus", "#" + FieldId);
    }

    private async Task SubmitAsync()
    {
        if (_running) return;
        (_running, _message, _failure) = (true, null, null);
        ScriptAnswer? answer;
        try
        {
            if (_kind == ProofKind.Passkey)
            {
                _failure = await PasskeyConfirmation.AskAsync(Js, L, Left);
                _running = false;
                if (_failure is null) Dialogs.Close(true);
                return;
            }

            answer = await Js.InvokeAsync<ScriptAnswer?>("portal.confirm", Left, "#confirmation");
        }
        catch (OperationCanceledException)
        {
            return;
        }

        _running = false;
        if (answer is { Done: true })
        {
            Dialogs.Close(true);
            return;
        }

        if (answer is { Field: not null }) _message = answer.Message;
        else _failure = answer?.Message ?? L["NoAnswer"];
        _focus = true;
    }
}
