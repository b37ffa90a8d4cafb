using System.Globalization;
using System.Text;
using AdminPortal.Domain;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Text;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Shared;

/// <summary>The rules that several validators share, each with its sentence.</summary>
internal static class Rules
{
    public static IRuleBuilderOptions<T, string> RequiredText<T>(
        this IRuleBuilder<T, string> rule, IStringLocalizer<ProvisioningText> texts, string what, int maxLength) =>
        rule.Must(value => !string.IsNullOrWhiteSpace(value)).WithMessage(_ => texts["Rule.Required", what])
            .Must(value => value is null || value.Trim().Length <= maxLength).WithMessage(_ => texts["Rule.TooLong", Capital(what), maxLength])
            .Must(value => !HasControls(value)).WithMessage(_ => texts["Rule.Control", Capital(what)]);

    /// <summary>A key or identifier: printable ASCII without blanks.</summary>
    public static IRuleBuilderOptions<T, string> RequiredKey<T>(
        this IRuleBuilder<T, string> rule, IStringLocalizer<ProvisioningText> texts, string what, int maxLength) =>
        rule.Must(value => PastedText.Clean(value).Length > 0).WithMessage(_ => texts["Rule.Required", what])
            .OptionalKey(texts, what, maxLength);

    public static IRuleBuilderOptions<T, string> OptionalKey<T>(
        this IRuleBuilder<T, string> rule, IStringLocalizer<ProvisioningText> texts, string what, int maxLength) =>
        rule.Must(value => PastedText.Clean(value).Length <= maxLength).WithMessage(_ => texts["Rule.TooLong", Capital(what), maxLength])
            .Must(value => IsPrintable(PastedText.Clean(value))).WithMessage(_ => texts["Rule.NotPrintable", Capital(what)]);

    public static IRuleBuilderOptions<T, IReadOnlyList<string>> TagList<T>(
        this IRuleBuilder<T, IReadOnlyList<string>> rule, IStringLocalizer<ProvisioningText> texts) =>
        rule.Must(tags => tags.Count <= InputRules.MaxTags).WithMessage(_ => texts["Tags.TooMany", InputRules.MaxTags])
            .Must(tags => tags.All(tag => tag.Length is > 0 and <= InputRules.MaxTagLength)).WithMessage(_ => texts["Tags.Length", InputRules.MaxTagLength])
            .Must(tags => !tags.Any(HasControls)).WithMessage(_ => texts["Rule.Control", texts["Tags.What"]])
            .Must(tags => !tags.Any(tag => tag.StartsWith(ProvisioningAttempt.PortalTagPrefix, StringComparison.OrdinalIgnoreCase)))
            .WithMessage(_ => texts["Tags.Reserved", ProvisioningAttempt.PortalTagPrefix])
            // The platform keeps one of two equal tags.
            .Must(tags => tags.Distinct(StringComparer.Ordinal).Count() == tags.Count).WithMessage(_ => texts["Tags.Twice"]);

    public static bool IsPrintable(string value) => !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Control characters, and lone surrogates, which no encoding can carry.</summary>
    public static bool HasControls(string? value)
    {
        if (value is null) return false;
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                return true;
        }

        return false;
    }

    /// <summary>A sentence begins with a capital.</summary>
    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpper(text[0], CultureInfo.CurrentCulture) + text[1..];

    /// <summary>What a validator found, as problems of the input's properties.</summary>
    public static Problem[] Check<T>(this IValidator<T> validator, T input) =>
        [.. validator.Validate(input).Errors.Select(error => new Problem(ProblemKind.Invalid, error.ErrorMessage, error.PropertyName))];
}
