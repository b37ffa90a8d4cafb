using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Elements;

/// <summary>Checks a configuration field's value and brings it into its one form, by the field's format.</summary>
public sealed class FieldCheck(IStringLocalizer<ElementText> texts)
{
    /// <summary>The field's label.</summary>
    public string Label(ConfigurationField field) => texts[$"Field.{field.Key}.Label"];

    /// <summary>Where to find its value.</summary>
    public string Help(ConfigurationField field) => texts[$"Field.{field.Key}.Help"];

    /// <summary>The value as it is sent, or a sentence that says why it cannot be.</summary>
    /// <param name="field">The field.</param>
    /// <param name="input">What was entered.</param>
    /// <param name="value">The value in its one form; empty for an optional field that was left empty.</param>
    /// <param name="problem">What is wrong; null when the answer is true.</param>
    public bool TryRead(ConfigurationField field, string? input, out string value, out FieldProblem? problem)
    {
        problem = null;
        value = field.Format == FieldFormat.PrintableKey ? PastedText.Clean(input) : (input ?? "").Trim();
        if (value.Length == 0)
        {
            if (!field.Required) return true;
            problem = new FieldProblem(field.Format == FieldFormat.AccountServer ? texts["Server.Empty"] : texts["Field.Required", Label(field)]);
            return false;
        }

        if (field.Format == FieldFormat.AccountServer)
        {
            if (AccountServer.TryParse(value, out var server, out var refusal))
            {
                value = server.Host;
                return true;
            }

            problem = new FieldProblem(texts[$"Server.{refusal.Problem}"], refusal.Suggestion);
            return false;
        }

        if (value.Length > InputRules.MaxConfigurationValueLength)
            problem = new FieldProblem(texts["Field.TooLong", Label(field), InputRules.MaxConfigurationValueLength]);
        else if (field.Format == FieldFormat.PrintableKey && !Rules.IsPrintable(value))
            problem = new FieldProblem(texts["Field.NotPrintable", Label(field)]);
        else if (Rules.HasControls(value))
            problem = new FieldProblem(texts["Field.Control", Label(field)]);
        return problem is null;
    }
}

/// <summary>What is wrong with a field's value.</summary>
/// <param name="Message">The sentence.</param>
/// <param name="Suggestion">What was probably meant, to be taken with one click.</param>
public sealed record FieldProblem(string Message, string? Suggestion = null);
