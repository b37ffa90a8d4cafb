namespace AdminPortal.Domain;

/// <summary>A row guarded by an application-made concurrency token; SQLite has no row version of its own.</summary>
internal interface IVersioned
{
    int Version { get; set; }
}
