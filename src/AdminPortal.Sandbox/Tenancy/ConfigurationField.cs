namespace AdminPortal.Sandbox.Tenancy;

/// <summary>What an element says of one of its configuration keys.</summary>
/// <param name="Type">A field type of the platform, such as <c>TEXTFIELD_128</c>, <c>PASSWORD</c> or <c>BOOLEAN</c>.</param>
internal sealed record ConfigurationField(
    string Key,
    string Name,
    string Type,
    string Description,
    string? DefaultValue = null,
    bool Required = false,
    bool Hidden = false,
    int DisplayOrder = 1);
