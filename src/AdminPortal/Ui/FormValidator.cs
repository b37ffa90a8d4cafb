using AdminPortal.Domain;
using FluentValidation;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace AdminPortal.Ui;

/// <summary>
/// Checks a form with the same FluentValidation rules that guard the service behind it, and shows what the service
/// itself found beside the fields it points at.
/// </summary>
/// <typeparam name="T">The form's model.</typeparam>
public sealed class FormValidator<T> : ComponentBase, IDisposable
    where T : class
{
    private ValidationMessageStore? _messages;
    private EditContext? _attached;

    [CascadingParameter]
    private EditContext? EditContext { get; set; }

    [Inject]
    public required IValidator<T> Validator { get; set; }

    /// <summary>Properties whose rules this form does not ask for.</summary>
    [Parameter]
    public Func<string, bool>? Skip { get; set; }

    /// <summary>Shows problems beside their fields.</summary>
    /// <returns>Those that point at no field of this form.</returns>
    public IReadOnlyList<Problem> Show(IReadOnlyList<Problem> problems)
    {
        var elsewhere = new List<Problem>();
        foreach (var problem in problems)
        {
            var name = problem.Field?.Split('.')[^1];
            if (name is not null && EditContext!.Model.GetType().GetProperty(name) is not null)
                _messages!.Add(EditContext!.Field(name), problem.Message);
            else
                elsewhere.Add(problem);
        }

        EditContext!.NotifyValidationStateChanged();
        return elsewhere;
    }

    /// <inheritdoc />
    public void Dispose() => Detach();

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        if (EditContext is null) throw new InvalidOperationException($"{nameof(FormValidator<T>)} stands inside an EditForm.");
        if (ReferenceEquals(EditContext, _attached)) return;
        Detach();
        _attached = EditContext;
        _messages = new ValidationMessageStore(EditContext);
        EditContext.OnFieldChanged += CheckField;
        EditContext.OnValidationRequested += CheckAll;
    }

    private void CheckField(object? sender, FieldChangedEventArgs change)
    {
        _messages!.Clear(change.FieldIdentifier);
        foreach (var (field, message) in Check())
        {
            if (field == change.FieldIdentifier.FieldName) _messages.Add(change.FieldIdentifier, message);
        }

        EditContext!.NotifyValidationStateChanged();
    }

    private void CheckAll(object? sender, ValidationRequestedEventArgs request)
    {
        _messages!.Clear();
        foreach (var (field, message) in Check())
            _messages.Add(EditContext!.Field(field), message);
        EditContext!.NotifyValidationStateChanged();
    }

    private IEnumerable<(string Field, string Message)> Check() =>
        Validator.Validate((T)EditContext!.Model).Errors
            .Select(error => (Field: error.PropertyName.Split('.')[^1], error.ErrorMessage))
            .Where(error => Skip?.Invoke(error.Field) != true);

    private void Detach()
    {
        if (_attached is null) return;
        _attached.OnFieldChanged -= CheckField;
        _attached.OnValidationRequested -= CheckAll;
        _attached = null;
    }
}
