namespace AdminPortal.Domain.Maintenance;

/// <summary>
/// One row that is written to see whether the database can be written. Its value only grows, so that it also tells which of
/// two states of one database is the older one: see <c>RecordAnchor.Generation</c>.
/// </summary>
public sealed class StorageMark
{
    /// <summary>There is one.</summary>
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    public required DateTimeOffset WrittenAt { get; set; }
}
