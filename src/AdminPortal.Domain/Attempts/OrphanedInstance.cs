namespace AdminPortal.Domain.Attempts;

/// <summary>
/// An instance on the platform that carries an attempt's tag beside the one that the attempt led to: the platform made
/// two of one request. It is shown with the attempt until it is removed there, or taken over by a sync.
/// </summary>
public sealed class OrphanedInstance
{
    public required Guid Id { get; init; }

    public required Guid AttemptId { get; init; }

    public required Guid PlatformAccountId { get; init; }

    /// <summary>The platform's id.</summary>
    public required long PlatformId { get; init; }

    /// <summary>Its name there, bounded.</summary>
    public string? Name { get; init; }

    public required DateTimeOffset FoundAt { get; init; }

    /// <summary>When it was removed from the platform; null while it is there.</summary>
    public DateTimeOffset? RemovedAt { get; set; }
}
