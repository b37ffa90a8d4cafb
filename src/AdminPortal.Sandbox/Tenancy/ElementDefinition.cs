using System.Collections.Frozen;

namespace AdminPortal.Sandbox.Tenancy;

/// <summary>One connector type of the platform.</summary>
internal sealed record ElementDefinition(
    int Id,
    string Key,
    string Name,
    string Hub,
    string Description,
    bool BulkDownload,
    IReadOnlyList<ConfigurationField> Fields)
{
    private readonly FrozenDictionary<string, ConfigurationField> _byKey =
        Fields.ToFrozenDictionary(field => field.Key, StringComparer.Ordinal);

    /// <summary>The provider behind it.</summary>
    public string Vendor { get; init; } = "Infusionsoft";

    /// <summary>The one kind of record that the sandbox keeps for instances of it.</summary>
    public string Resource => Hub == "ecommerce" ? "orders" : "contacts";

    /// <summary>Whether the platform polls the provider and tells of what is new.</summary>
    public bool HasEvents => _byKey.ContainsKey(ConfigurationKeys.PollerConfiguration);

    public ConfigurationField? Field(string key) => _byKey.GetValueOrDefault(key);

    public IEnumerable<ConfigurationField> Required => Fields.Where(known => known.Required);

    /// <summary>The platform's id of a configuration field; only its being stable and unique matters.</summary>
    public int FieldId(int index) => (Id * 100) + index;
}
