namespace AdminPortal.Domain.Elements;

/// <summary>What the portal knows of one element: everything the wizard asks and the platform is sent.</summary>
/// <param name="Key">The platform's element key.</param>
/// <param name="Name">The element's name as the platform shows it.</param>
/// <param name="Hub">The platform's hub, for example <c>crm</c>.</param>
/// <remarks>The element's texts are resources named <c>Element.{Key}.Summary</c>.</remarks>
public sealed record ElementDefinition(string Key, string Name, string Hub)
{
    /// <summary>The entries that a person gives, beyond the provider app and the name.</summary>
    public IReadOnlyList<ConfigurationField> Fields { get; init; } = [];

    /// <summary>Entries that are always sent with the same value.</summary>
    public IReadOnlyDictionary<string, bool> FixedConfiguration { get; init; } = new Dictionary<string, bool>();

    /// <summary>The element's polling events; null where it has none.</summary>
    public EventSupport? Events { get; init; }

    /// <summary>Names of notices to show beside the element; resources named <c>Notice.{name}</c>.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Whether new connections should prefer this element.</summary>
    public bool Recommended { get; init; }

    /// <summary>Whether the wizard has to ask for anything of the Infusionsoft account itself.</summary>
    public bool NeedsAccountDetails => Fields.Count > 0;

    /// <summary>The field with this configuration key, if the element has it.</summary>
    public ConfigurationField? Field(string key) => Fields.FirstOrDefault(field => field.Key == key);
}
