using AdminPortal.Domain.Elements;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace AdminPortal.Features.Attempts;

/// <summary>The fields of polling events, inside whatever form has an <see cref="EventForm"/> as its model.</summary>
public sealed partial class EventFields
{
    [CascadingParameter]
    public required EditContext Form { get; set; }

    [Parameter, EditorRequired]
    public required EventForm Model { get; set; }

    /// <summary>What the element can poll.</summary>
    [Parameter, EditorRequired]
    public required EventSupport Support { get; set; }

    /// <summary>Whether a signature key is stored.</summary>
    [Parameter]
    public bool SignatureKeyStored { get; set; }

    private IEnumerable<string> ResourceMessages => Form.GetValidationMessages(Form.Field(nameof(EventForm.Resources)));

    private void SelectResource(string name, bool selected)
    {
        Model.Resources = [.. Model.Resources.Where(other => other != name), .. selected ? new[] { name } : []];
        Form.NotifyFieldChanged(Form.Field(nameof(EventForm.Resources)));
    }

    private void WriteOwn() => SetJson(Support.PollerConfigurationText(Model.Resources));

    private void UseDefaults() => SetJson("");

    private void SetJson(string json)
    {
        Model.PollerConfiguration = json;
        Form.NotifyFieldChanged(Form.Field(nameof(EventForm.PollerConfiguration)));
    }
}
