namespace AdminPortal.Domain.Maintenance;

/// <summary>
/// Work on the stored data that a start does once, after the migrations and before anything else: how far it is. It goes on
/// from there when the start was interrupted.
/// </summary>
public sealed class StartStep
{
    /// <summary>Secrets of the first release are sealed again, for the origin that each may be sent to. Stored.</summary>
    public const string ResealSecrets = "reseal-secrets-for-origins";

    /// <summary>Which work it is.</summary>
    public required string Name { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was completed; null while there is more to do.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>The column that it is at; null before the first one.</summary>
    public string? Column { get; set; }

    /// <summary>The key of the last row of the column that it has done; null before the first one.</summary>
    public string? Cursor { get; set; }

    /// <summary>The values that it changed.</summary>
    public long Done { get; set; }

    /// <summary>The values that it could not open and left as they were.</summary>
    public long Unreadable { get; set; }

    /// <summary>The file name of the copy of the database from before; null where there was nothing to lose.</summary>
    public string? Backup { get; set; }
}
