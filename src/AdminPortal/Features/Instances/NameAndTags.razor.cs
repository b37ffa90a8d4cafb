using AdminPortal.Domain;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Instances;

/// <summary>Name and tags, changed in place: on the platform first, then here.</summary>
public sealed partial class NameAndTags
{
    private FormValidator<InstanceEdit>? _validator;
    private InstanceEdit _edit = new();
    private IReadOnlyList<Problem> _problems = [];
    private bool _saved;
    private bool _saving;

    [CascadingParameter]
    public required InstanceFrame Frame { get; set; }

    [Parameter, EditorRequired]
    public required InstanceView Instance { get; set; }

    [Inject]
    public required InstanceService Instances { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    /// <inheritdoc />
    protected override void OnInitialized() => _edit = EditOf(Instance);

    private static InstanceEdit EditOf(InstanceView instance) => new() { Name = instance.Name, Tags = instance.Tags };

    private async Task SaveAsync()
    {
        if (Frame.IsBusy) return;
        _saved = false;
        _problems = [];
        _saving = true;
        var sent = new InstanceEdit { Name = _edit.Name, Tags = _edit.Tags };
        var result = await Frame.ChangeAsync(actor => Instances.EditAsync(Instance.Id, sent, actor, CancellationToken.None));
        _saving = false;
        if (!result.Succeeded)
        {
            _problems = _validator!.Show(result.Problems);
            return;
        }

        _saved = true;
        // The platform has the last word on what the name is; but what was typed meanwhile is not thrown away.
        if (_edit.Name == sent.Name && _edit.Tags.SequenceEqual(sent.Tags)) _edit = EditOf(Frame.Current ?? Instance);
    }

    private async Task FocusInvalidAsync()
    {
        _saved = false;
        _problems = [];
        await Js.InvokeVoidAsync("portal.focusInvalid");
    }
}
