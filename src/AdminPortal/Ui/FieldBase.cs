using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Ui;

/// <summary>What all fields share: label, help, messages, and how they are tied to the control for a screen reader.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public abstract class FieldBase<T> : InputBase<T>
{
    [Inject]
    public required IStringLocalizer<UiText> Texts { get; set; }

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>Where to find the value, or what it is for.</summary>
    [Parameter]
    public string? Help { get; set; }

    /// <summary>Whether it may be left empty; then the label says so.</summary>
    [Parameter]
    public bool Optional { get; set; }

    /// <summary>The control's id; by default the property's name.</summary>
    [Parameter]
    public string? Id { get; set; }

    [Parameter]
    public int? MaxLength { get; set; }

    /// <summary>What stands below the control, for example what was understood.</summary>
    [Parameter]
    public RenderFragment? Below { get; set; }

    protected string ControlId => Id ?? $"field-{FieldIdentifier.FieldName}";

    protected bool IsInvalid => EditContext?.GetValidationMessages(FieldIdentifier).Any() == true;

    protected IEnumerable<string> Messages => EditContext?.GetValidationMessages(FieldIdentifier) ?? [];

    /// <summary>The ids of everything that describes the control.</summary>
    protected string? DescribedBy
    {
        get
        {
            var ids = new List<string>();
            if (Help is not null) ids.Add($"{ControlId}-help");
            if (Below is not null) ids.Add($"{ControlId}-below");
            if (IsInvalid) ids.Add($"{ControlId}-error");
            return ids.Count == 0 ? null : string.Join(' ', ids);
        }
    }

    /// <inheritdoc />
    protected override bool TryParseValueFromString(string? value, [MaybeNullWhen(false)] out T result, [NotNullWhen(false)] out string? validationErrorMessage)
    {
        if (BindConverter.TryConvertTo(value, System.Globalization.CultureInfo.InvariantCulture, out result) && result is not null)
        {
            validationErrorMessage = null;
            return true;
        }

        result = default;
        validationErrorMessage = Texts["Field.NotANumber", Label];
        return false;
    }
}
