using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;

namespace AdminPortal.Provisioning.Instances;

/// <summary>One configuration entry of an instance as a person sees and changes it. A secret's value is never in it.</summary>
/// <param name="EntryId">The platform's id of the entry, by which it is changed.</param>
/// <param name="Key">Its key, for example <c>event.notification.callback.url</c>.</param>
/// <param name="Name">What the platform's console calls it; the key where it has no name.</param>
/// <param name="Description">What the platform says it is for.</param>
/// <param name="Kind">How it is edited.</param>
/// <param name="Value">Its value, cleaned and bounded; empty for a secret.</param>
/// <param name="HasValue">Whether there is a value: a secret that is set has one, and it is not shown.</param>
/// <param name="MaxLength">The longest value that is taken.</param>
/// <param name="Required">Whether it must not be empty.</param>
/// <param name="Hidden">Whether the platform's console hides it.</param>
public sealed record ConfigurationItem(
    long EntryId, string Key, string Name, string? Description, ConfigurationKind Kind, string Value, bool HasValue, int MaxLength, bool Required, bool Hidden)
{
    private const int MaxLineLength = 1000;

    private static readonly string[] SecretWords =
        ["secret", "password", "token", "private.key", "signature.key", "api.key", "credential", "callback.headers"];

    /// <summary>Where it belongs.</summary>
    public ConfigurationGroup Group => Key switch
    {
        _ when Key.StartsWith("oauth.", StringComparison.Ordinal) || Key.StartsWith("infusionsoft.", StringComparison.Ordinal) => ConfigurationGroup.Authorization,
        _ when Key.StartsWith("event.", StringComparison.Ordinal) => ConfigurationGroup.Events,
        _ => ConfigurationGroup.General,
    };

    /// <summary>Whether a change takes effect only when the instance is authorized again (platform contract, section 9, trap 16).</summary>
    public bool NeedsReauthentication => Group == ConfigurationGroup.Authorization && Kind != ConfigurationKind.Managed;

    /// <summary>Whether the value is one of two.</summary>
    public bool IsOn => Value.Equals("true", StringComparison.OrdinalIgnoreCase) || Value.Equals("yes", StringComparison.OrdinalIgnoreCase);

    /// <summary>Never prints the value.</summary>
    public override string ToString() => $"ConfigurationItem {Key}";

    /// <summary>What an entry of the platform is to a person.</summary>
    internal static ConfigurationItem From(InstanceConfigurationEntry entry)
    {
        var kind = KindOf(entry);
        var isLong = kind is ConfigurationKind.LongText or ConfigurationKind.Code;
        var isSecret = IsSecret(entry);
        var max = entry.Type switch
        {
            "TEXTFIELD_32" => 32,
            "TEXTFIELD_64" => 64,
            "TEXTFIELD_128" => 128,
            "PASSWORD" => InputRules.MaxSecretLength,
            _ => isLong ? InputRules.MaxLongValueLength : MaxLineLength,
        };
        var bound = isLong ? InputRules.MaxLongValueLength : MaxLineLength;
        var value = isSecret ? "" : isLong ? OutsideText.CleanLines(entry.Value, bound) : OutsideText.Clean(entry.Value, bound) ?? "";
        // What was cut must not be saved as if it were all.
        if (!isSecret && entry.Value?.Length > bound) kind = ConfigurationKind.Managed;
        return new ConfigurationItem(
            entry.Id, entry.Key, entry.Name ?? entry.Key, entry.Description, kind, value, !string.IsNullOrEmpty(entry.Value), Math.Max(max, value.Length), entry.Required, entry.Hidden);
    }

    private static ConfigurationKind KindOf(InstanceConfigurationEntry entry) => entry switch
    {
        _ when entry.Key.StartsWith("oauth.user.", StringComparison.Ordinal) || entry.Key == "event.notification.subscription.id" => ConfigurationKind.Managed,
        _ when IsSecret(entry) => ConfigurationKind.Secret,
        { Type: "BOOLEAN" or "BOOLEAN_YESNO" } => ConfigurationKind.Boolean,
        { Type: "CODE_EDITOR" } => ConfigurationKind.Code,
        _ when entry.Key == EventConfiguration.Poller => ConfigurationKind.Code,
        { Type: "TEXTAREA" } => ConfigurationKind.LongText,
        // A COMBO's choices are documented nowhere; whoever knows the word can type it.
        _ => ConfigurationKind.Text,
    };

    // The platform masks some secrets and answers others in clear (section 9, trap 7): the key decides as well.
    private static bool IsSecret(InstanceConfigurationEntry entry) =>
        entry is { Type: "PASSWORD" } or { IsMasked: true }
        || (!entry.Key.EndsWith(".url", StringComparison.OrdinalIgnoreCase) && SecretWords.Any(word => entry.Key.Contains(word, StringComparison.OrdinalIgnoreCase)));
}

/// <summary>How an entry is edited.</summary>
public enum ConfigurationKind
{
    /// <summary>One line of text.</summary>
    Text,

    /// <summary>Several lines of text.</summary>
    LongText,

    /// <summary>One of two values.</summary>
    Boolean,

    /// <summary>A value that is not shown: empty keeps what is stored.</summary>
    Secret,

    /// <summary>Text that a program reads; the poller's is checked as JSON.</summary>
    Code,

    /// <summary>Set by the platform itself: shown, not changed.</summary>
    Managed,
}

/// <summary>Where an entry belongs. Their words are resources named <c>Group.{name}</c>.</summary>
public enum ConfigurationGroup
{
    General,

    /// <summary>How the instance is authorized: <c>oauth.*</c> and <c>infusionsoft.*</c>.</summary>
    Authorization,

    /// <summary><c>event.*</c>.</summary>
    Events,
}
