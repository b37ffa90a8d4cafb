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
    public IEnumerable<ConfigurationField> Required => Fields.Where(known => known.Required);

    /// <summary>The platform's id of a configuration field; only its being stable and unique matters.</summary>
    public int FieldId(int index) => (Id * 100) + index;
}
