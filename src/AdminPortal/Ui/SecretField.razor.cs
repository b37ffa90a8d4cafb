using System.Diagnostics.CodeAnalysis;
using AdminPortal.Domain.Text;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Ui;

/// <summary>
/// A field for a secret. What is stored never comes back to the browser: an empty field keeps it, "Replace" asks for a
/// new one. The input has no value attribute, so what was typed is not sent back either.
/// </summary>
public sealed partial class SecretField
{
    private ElementReference _input;
    private bool _replacing;
    private bool _shown;
    private bool _cleaned;
    private bool _focus;

    /// <summary>Whether a value is stored.</summary>
    [Parameter]
    public bool Stored { get; set; }

    /// <summary>Whether blanks and line breaks that were pasted along are taken out, saying so.</summary>
    [Parameter]
    public bool IsKey { get; set; }

    /// <summary>The browser's hint; keys are not passwords that it should keep.</summary>
    [Parameter]
    public string Autocomplete { get; set; } = "off";

    /// <inheritdoc />
    protected override bool TryParseValueFromString(string? value, out string result, [NotNullWhen(false)] out string? validationErrorMessage)
    {
        result = value ?? "";
        validationErrorMessage = null;
        return true;
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus) return;
        _focus = false;
        await _input.FocusAsync();
    }

    private void Replace()
    {
        _replacing = true;
        _focus = true;
    }

    private void Change(ChangeEventArgs change)
    {
        var text = change.Value as string ?? "";
        CurrentValueAsString = IsKey ? PastedText.Clean(text, out _cleaned) : text;
    }
}
