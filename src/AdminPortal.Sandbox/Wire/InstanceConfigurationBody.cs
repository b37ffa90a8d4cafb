using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Wire;

/// <summary>One entry of <c>GET /instances/{id}/configuration</c>.</summary>
internal sealed record InstanceConfigurationBody(
    long Id,
    string Key,
    string Name,
    string? PropertyValue,
    string Type,
    bool Required,
    bool HideFromConsole,
    bool Active,
    string Description)
{
    public static IReadOnlyList<InstanceConfigurationBody> From(Instance instance) =>
        [.. instance.Configuration.Select(entry => From(instance, entry))];

    public static InstanceConfigurationBody From(Instance instance, ConfigurationEntry entry)
    {
        var field = ElementCatalog.Find(instance.ElementKey)?.Field(entry.Key)
            ?? new ConfigurationField(entry.Key, entry.Key, "TEXTFIELD_1000", string.Empty);
        return new(entry.Id, entry.Key, field.Name, Shown(entry), field.Type, field.Required, field.Hidden, true, field.Description);
    }

    public static string? Shown(ConfigurationEntry entry) =>
        entry.Value is not null && ConfigurationKeys.IsMaskedInAnswers(entry.Key) ? ConfigurationKeys.Masked : entry.Value;
}
