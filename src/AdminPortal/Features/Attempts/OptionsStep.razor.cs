using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Attempts;

/// <summary>The fourth step: name, tags, and events where the element has them.</summary>
public sealed partial class OptionsStep : IDisposable
{
    private OptionsModel _model = new();
    private EditContext? _context;
    private FormValidator<OptionsModel>? _validator;
    private IReadOnlyList<Problem> _problems = [];
    private bool _busy;
    private Keeping? _keeping;

    [Inject]
    public required DraftService Drafts { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter, EditorRequired]
    public required AttemptView Attempt { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_context is not null) _context.OnFieldChanged -= KeepTyped;
    }

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        _model = OptionsModel.From(Attempt);
        _context = new EditContext(_model);
        _context.OnFieldChanged += KeepTyped;
        _keeping = new Keeping(KeepAsync);
    }

    // What was typed survives a reload and a restart.
    private void KeepTyped(object? sender, FieldChangedEventArgs change) => _ = InvokeAsync(_keeping!.KeepAsync);

    private async Task KeepAsync() => await Drafts.KeepOptionsAsync(Attempt.Id, _model.ToOptions(), await SignedIn.ActorAsync(), CancellationToken.None);

    private async Task ContinueAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            await _keeping!.SettleAsync();
            var saved = await Drafts.SaveOptionsAsync(Attempt.Id, _model.ToOptions(), await SignedIn.ActorAsync(), CancellationToken.None);
            _problems = _validator!.Show(saved.Problems);
            if (saved.Succeeded) Navigation.NavigateTo(WizardAddress.Of(Attempt.Id, WizardStep.Review));
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task BackAsync()
    {
        await _keeping!.KeepAsync();
        Navigation.NavigateTo(WizardAddress.Of(Attempt.Id, WizardFlow.Previous(Attempt.Element, WizardStep.Options)));
    }

    private async Task FocusInvalidAsync() => await Js.InvokeVoidAsync("portal.focusInvalid");
}
