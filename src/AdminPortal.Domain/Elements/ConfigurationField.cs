namespace AdminPortal.Domain.Elements;

/// <summary>One configuration entry that a person gives for an instance of an element.</summary>
/// <param name="Key">The platform's configuration key, for example <c>infusionsoft.server</c>.</param>
/// <param name="Format">How the value is checked and brought into its one form.</param>
/// <param name="Required">Whether an instance can be created without it.</param>
/// <param name="Secret">Whether the value is sealed at rest and never shown again.</param>
/// <remarks>The texts of a field (label, help) are resources named <c>Field.{Key}.Label</c> and <c>Field.{Key}.Help</c>.</remarks>
public sealed record ConfigurationField(string Key, FieldFormat Format, bool Required, bool Secret);

/// <summary>The forms that a <see cref="ConfigurationField"/>'s value can have.</summary>
public enum FieldFormat
{
    /// <summary>A tenant host, checked and normalised by <see cref="AccountServer"/>.</summary>
    AccountServer,

    /// <summary>1 to 256 printable ASCII characters without blanks.</summary>
    PrintableKey,

    /// <summary>1 to 255 characters of text without control characters.</summary>
    Text,
}
