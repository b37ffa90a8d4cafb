using AdminPortal.Domain;
using AdminPortal.Features.Attempts;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Instances;

/// <summary>An instance's polling events: as the platform has them, changed and saved in one call.</summary>
public sealed partial class EventsEdit
{
    private readonly EventForm _form = new();
    private FormValidator<EventForm>? _validator;
    private InstanceEvents? _events;
    private IReadOnlyList<Problem> _problems = [];
    private bool _saved;
    private bool _saving;
    private int _round;

    [CascadingParameter]
    public required InstanceFrame Frame { get; set; }

    [Parameter, EditorRequired]
    public required InstanceView Instance { get; set; }

    [Inject]
    public required InstanceEventsService Events { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    /// <inheritdoc />
    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _problems = [];
        try
        {
            var result = await Events.ReadAsync(Instance.Id, Left);
            _problems = result.Problems;
            if (result.Succeeded) Show(result.Value);
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private void Show(InstanceEvents events)
    {
        _events = events;
        _form.Take(events.Settings);
        _form.SignatureKey = "";
        // The key's field begins anew: what was typed does not stay in it.
        _round++;
    }

    private async Task SaveAsync()
    {
        if (Frame.IsBusy) return;
        _saved = false;
        _problems = [];
        _saving = true;
        var result = await Frame.ChangeAsync(actor => Events.SaveAsync(Instance.Id, _events?.Settings, _form.ToSettings(), _form.SignatureKey, actor, CancellationToken.None));
        _saving = false;
        if (!result.Succeeded)
        {
            _problems = _validator!.Show(result.Problems);
            return;
        }

        _saved = true;
        // A key that is stored now stays stored where the answer leaves it out.
        Show(result.Value with { HasSignatureKey = result.Value.HasSignatureKey || _events!.HasSignatureKey });
    }

    private async Task FocusInvalidAsync()
    {
        _saved = false;
        _problems = [];
        await Js.InvokeVoidAsync("portal.focusInvalid");
    }
}
