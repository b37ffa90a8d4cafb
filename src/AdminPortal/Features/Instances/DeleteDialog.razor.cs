using AdminPortal.Domain;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Radzen;

namespace AdminPortal.Features.Instances;

/// <summary>Says what ends with an instance, and lets it be deleted by whoever types its name.</summary>
public sealed partial class DeleteDialog
{
    private readonly Typed _input = new();
    private readonly EditContext _form;
    private readonly ValidationMessageStore _messages;
    private IReadOnlyList<Problem> _problems = [];
    private bool _running;

    public DeleteDialog()
    {
        _form = new EditContext(_input);
        _messages = new ValidationMessageStore(_form);
    }

    [Parameter, EditorRequired]
    public required string InstanceName { get; set; }

    /// <summary>Whether the platform does not have it any more, so that only the portal's own record goes.</summary>
    [Parameter]
    public bool IsMissing { get; set; }

    /// <summary>Deletes, given what was typed; the page that asked leads on from there.</summary>
    [Parameter, EditorRequired]
    public required Func<string, Task<Result<Done>>> Delete { get; set; }

    [Inject]
    public required DialogService Dialogs { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    private async Task SubmitAsync()
    {
        if (_running) return;
        _running = true;
        _problems = [];
        _messages.Clear();
        var result = await Delete(_input.Name);
        _running = false;
        if (result.Succeeded) return;

        foreach (var problem in result.Problems.Where(IsOfName))
            _messages.Add(_form.Field(nameof(Typed.Name)), problem.Message);
        _problems = [.. result.Problems.Where(problem => !IsOfName(problem))];
        _form.NotifyValidationStateChanged();
        if (_problems.Count == 0) await Js.InvokeVoidAsync("portal.focus", "#delete-name");
    }

    private static bool IsOfName(Problem problem) => problem.Field == nameof(Typed.Name);

    private sealed class Typed
    {
        public string Name { get; set; } = "";
    }
}
