namespace AdminPortal.Provisioning.Storage;

/// <summary>One row that is written to see whether the database can be written.</summary>
public sealed class StorageMark
{
    /// <summary>There is one.</summary>
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    public required DateTimeOffset WrittenAt { get; set; }
}
