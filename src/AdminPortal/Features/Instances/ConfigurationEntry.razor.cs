using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Instances;

/// <summary>One configuration entry: shown by its type, and saved by itself.</summary>
public sealed partial class ConfigurationEntry
{
    private readonly EntryForm _form = new();
    private readonly EditContext _context;
    private readonly ValidationMessageStore _messages;
    private IReadOnlyList<Problem> _problems = [];
    private bool _saved;
    private bool _saving;
    private int _round;

    public ConfigurationEntry()
    {
        _context = new EditContext(_form);
        _messages = new ValidationMessageStore(_context);
    }

    [CascadingParameter]
    public required InstanceFrame Frame { get; set; }

    [Parameter, EditorRequired]
    public required InstanceView Instance { get; set; }

    [Parameter, EditorRequired]
    public required ConfigurationItem Item { get; set; }

    /// <summary>Called with the entry as the platform has it after it was saved.</summary>
    [Parameter, EditorRequired]
    public required EventCallback<ConfigurationItem> Saved { get; set; }

    [Inject]
    public required InstanceConfigurationService Configurations { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    private string FieldId => string.Create(CultureInfo.InvariantCulture, $"entry-{Item.EntryId}");

    /// <inheritdoc />
    protected override void OnInitialized() => Show(Item);

    private void Show(ConfigurationItem item)
    {
        _form.Value = item.Value;
        _form.IsOn = item.IsOn;
        // A secret's field begins anew: what was typed does not stay in it.
        _round++;
    }

    private async Task SaveAsync()
    {
        if (Frame.IsBusy) return;
        _saved = false;
        _problems = [];
        _messages.Clear();
        _saving = true;
        var value = Item.Kind == ConfigurationKind.Boolean ? (_form.IsOn ? "true" : "false") : _form.Value;
        var result = await Frame.ChangeAsync(actor => Configurations.SaveAsync(Instance.Id, Item, value, actor, CancellationToken.None));
        _saving = false;
        if (result.Succeeded)
        {
            _saved = true;
            Show(result.Value);
            await Saved.InvokeAsync(result.Value);
            return;
        }

        var field = _context.Field(Item.Kind == ConfigurationKind.Boolean ? nameof(EntryForm.IsOn) : nameof(EntryForm.Value));
        foreach (var problem in result.Problems.Where(IsOfValue)) _messages.Add(field, problem.Message);
        _problems = [.. result.Problems.Where(problem => !IsOfValue(problem))];
        _context.NotifyValidationStateChanged();
        if (_problems.Count == 0) await Js.InvokeVoidAsync("portal.focus", $"#{FieldId}");
    }

    private static bool IsOfValue(Problem problem) => problem.Field == InstanceConfigurationService.ValueField;

    private sealed class EntryForm
    {
        public string Value { get; set; } = "";

        public bool IsOn { get; set; }
    }
}
