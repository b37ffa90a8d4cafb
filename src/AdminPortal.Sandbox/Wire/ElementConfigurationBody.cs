using AdminPortal.Sandbox.Tenancy;

namespace AdminPortal.Sandbox.Wire;

/// <summary>One entry of <c>GET /elements/{keyOrId}/configuration</c>.</summary>
internal sealed record ElementConfigurationBody
{
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required string Key { get; init; }

    public required string Description { get; init; }

    public string? DefaultValue { get; init; }

    public bool ResellerConfig { get; init; }

    public bool CompanyConfig { get; init; }

    public bool Active { get; init; } = true;

    public bool Internal { get; init; }

    public bool GroupControl { get; init; }

    public required int DisplayOrder { get; init; }

    public required string Type { get; init; }

    public required bool HideFromConsole { get; init; }

    public required bool Required { get; init; }

    public static IReadOnlyList<ElementConfigurationBody> From(ElementDefinition element) =>
        [.. element.Fields.Select((field, index) => new ElementConfigurationBody
        {
            Id = element.FieldId(index),
            Name = field.Name,
            Key = field.Key,
            Description = field.Description,
            DefaultValue = field.DefaultValue,
            DisplayOrder = field.DisplayOrder,
            Type = field.Type,
            HideFromConsole = field.Hidden,
            Required = field.Required,
        })];
}
